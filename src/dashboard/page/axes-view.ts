/** How the axes of parallel coordinates stand: in which order, and on which scale. It is in the address. */
import type { Field } from './plots/fields.js'

export type Scale = 'log' | 'linear'

export interface AxesView {
  /** By importance, as in the file, or columns in an order of one's own. */
  readonly order: 'importance' | 'file' | readonly string[]
  /** By column, where it is another scale than the one that is searched on. */
  readonly scales: Readonly<Record<string, Scale>>
}

export const plainAxes: AxesView = { order: 'importance', scales: {} }

type Scaled = Pick<Field, 'column' | 'kind' | 'log' | 'min'>

/** Whether an axis can have either scale. */
export function hasScales({ kind, min }: Scaled): boolean {
  return kind === 'number' && min > 0
}

export function isLog({ scales }: Pick<AxesView, 'scales'>, field: Scaled): boolean {
  return hasScales(field) && (scales[field.column] ?? (field.log ? 'log' : 'linear')) === 'log'
}

export function withScale(axes: AxesView, { column, log }: Scaled, scale: Scale): AxesView {
  const { [column]: _, ...others } = axes.scales
  return { ...axes, scales: (scale === 'log') === log ? others : { ...others, [column]: scale } }
}

/** These columns with the one at a place moved to another. */
export function moved(columns: readonly string[], from: number, to: number): readonly string[] {
  const next = [...columns]
  next.splice(to, 0, ...next.splice(from, 1))
  return next
}
