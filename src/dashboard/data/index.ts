/** What the page shows, for those who make it and for the page itself: nothing here needs Node or a browser. */
export * from './api.js'
export { decodeParcel, encodeParcel } from './parcel.js'
export { shownType } from './shown-type.js'
export { type CategoryColumn, type Column, type NumberColumn, TrialTable } from './table.js'
export type * from './types.js'

/** What the surface of two parameters is called among those of a report. */
export function surfaceKey(metric: string, x: string, y: string): string {
  return JSON.stringify([metric, x, y])
}
