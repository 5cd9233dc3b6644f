/** The views of a sweep, and of several beside each other. */
export { HistoryView } from './history.js'
