/** Which rows of a long table have to be in the document, so that those in view are: the others are room only. */

export interface RowWindow {
  /** The first row, and the one behind the last. */
  readonly from: number
  readonly to: number
  /** px of room before and behind them. */
  readonly before: number
  readonly after: number
}

/**
 * @param top px that the table is scrolled by.
 * @param height px of it that are in view.
 * @param spare rows beyond the edges, so that scrolling meets rows that are there.
 */
export function rowWindow(
  rows: number,
  rowHeight: number,
  top: number,
  height: number,
  spare = 12,
): RowWindow {
  const first = Math.floor(Math.max(0, top) / rowHeight) - spare
  const from = Math.max(0, Math.min(first, rows - 1 - spare))
  const to = Math.min(rows, Math.ceil((Math.max(0, top) + height) / rowHeight) + spare)
  return {
    from,
    to: Math.max(from, to),
    before: from * rowHeight,
    after: (rows - Math.max(from, to)) * rowHeight,
  }
}

/** How far to scroll so that this row is whole in view; `top` itself where it is. */
export function scrollTo(row: number, rowHeight: number, top: number, height: number): number {
  if (row * rowHeight < top) return row * rowHeight
  return Math.max(top, (row + 1) * rowHeight - height)
}
