/** Numbers, times and values in a terminal: as in a page. */
export * from '../format.js'
