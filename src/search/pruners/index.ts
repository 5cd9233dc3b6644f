/** Pruners: whether a running trial goes on. */
export { createPruner, prunerSettings } from './create.js'
