/**
 * Where in the page one is, as the part of the address behind `#`, which also works from a file:
 *
 *     #/?find=…&status=…&order=-best       all sweeps
 *     #/begun/ID                           one sweep, which is about to begin
 *     #/sweeps/ID?where=…&top=10&…         one sweep
 *     #/sweeps/ID/trials/12?where=…        one of its trials
 *     #/compare?ids=a,b                    several sweeps
 *
 * The selection stands behind `?`, so that a link shows the same. Addresses are meant to be read: only what would be misread is
 * escaped. `axes=file`, or a list of columns, is the order of the axes of parallel coordinates; `log=` and `linear=` list those that
 * have another scale than the search. A brush is `brush.params.k=1..10` (an end that is left out is open) or `brush.params.kernel=in:rbf,poly`.
 */
import { type AxesView, plainAxes, type Scale } from './axes-view.js'
import { type Brush, everything, type Selection } from './selection.js'
import { type ListWishes, listColumns, plainWishes } from './sweep-list.js'

/** A column that the table is sorted by. */
export interface SortKey {
  readonly column: string
  readonly descending: boolean
}

/** How one sweep is looked at. */
export interface SweepView {
  readonly selection: Selection
  /** The metric that is looked at; null: the objective's. */
  readonly metric: string | null
  /** Of the table; empty: by trial. */
  readonly sort: readonly SortKey[]
  /** Of the table; null: those that are shown at first. */
  readonly columns: readonly string[] | null
  /** Of parallel coordinates. */
  readonly axes: AxesView
}

export type Route =
  | { readonly page: 'sweeps'; readonly wishes: ListWishes }
  /** Of a sweep that is about to begin. */
  | { readonly page: 'begun'; readonly id: string }
  | { readonly page: 'sweep'; readonly sweep: string; readonly view: SweepView }
  | { readonly page: 'trial'; readonly sweep: string; readonly trial: number; readonly view: SweepView }
  | { readonly page: 'compare'; readonly sweeps: readonly string[] }
  /** `problem`: what is wrong with the address, in a sentence. */
  | { readonly page: 'wrong'; readonly address: string; readonly problem: string }

export const plainView: SweepView = {
  selection: everything,
  metric: null,
  sort: [],
  columns: null,
  axes: plainAxes,
}

export function formatRoute(route: Route): string {
  switch (route.page) {
    case 'sweeps':
      return `#/${formatWishes(route.wishes)}`
    case 'begun':
      return `#/begun/${escaped(route.id)}`
    case 'sweep':
      return `#/sweeps/${escaped(route.sweep)}${formatView(route.view)}`
    case 'trial':
      return `#/sweeps/${escaped(route.sweep)}/trials/${route.trial}${formatView(route.view)}`
    case 'compare':
      return `#/compare?ids=${listed(route.sweeps)}`
    case 'wrong':
      return route.address
  }
}

/** What an address means; of one that means nothing, what is wrong with it. */
export function parseRoute(address: string): Route {
  try {
    return meaningOf(address)
  } catch (error) {
    if (!(error instanceof WrongAddress)) throw error
    return { page: 'wrong', address, problem: error.message }
  }
}

class WrongAddress extends Error {}

function meaningOf(address: string): Route {
  const text = address.replace(/^#?\/?/, '')
  const mark = text.indexOf('?')
  const path = (mark < 0 ? text : text.slice(0, mark)).split('/').filter((part) => part !== '')
  const entries = mark < 0 ? [] : entriesOf(text.slice(mark + 1))
  const [first, sweep, third, number] = path.map(unescaped)
  if (path.length === 0) return { page: 'sweeps', wishes: parseWishes(entries) }
  if (first === 'begun' && path.length === 2) return { page: 'begun', id: sweep }
  if (first === 'compare' && path.length === 1) {
    const sweeps = entries.filter(([name]) => name === 'ids').flatMap(([, value]) => unlisted(value))
    if (sweeps.length === 0) throw new WrongAddress('it names no sweeps to compare')
    return { page: 'compare', sweeps }
  }
  if (first === 'sweeps' && path.length === 2) return { page: 'sweep', sweep, view: parseView(entries) }
  if (first === 'sweeps' && path.length === 4 && third === 'trials') {
    if (!/^\d{1,9}$/.test(number))
      throw new WrongAddress(`a trial has a number, and this has ${JSON.stringify(number)}`)
    return { page: 'trial', sweep, trial: Number(number), view: parseView(entries) }
  }
  throw new WrongAddress(`there is no page ${JSON.stringify(`/${path.map(unescaped).join('/')}`)}`)
}

function formatWishes({ text, status, grouped, order: { by, descending } }: ListWishes): string {
  const parts: string[] = []
  if (text !== '') parts.push(`find=${escaped(text)}`)
  if (status !== '') parts.push(`status=${escaped(status)}`)
  if (!grouped) parts.push('grouped=no')
  if (by !== plainWishes.order.by || descending !== plainWishes.order.descending)
    parts.push(`order=${descending ? '-' : ''}${by}`)
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

function parseWishes(entries: readonly (readonly [string, string])[]): ListWishes {
  let { text, status, grouped, order } = plainWishes
  for (const [name, value] of entries) {
    if (name === 'find') text = unescaped(value)
    else if (name === 'status') status = unescaped(value)
    else if (name === 'grouped') grouped = value !== 'no'
    else if (name === 'order') {
      const { column, descending } = sortKey(unescaped(value))
      const by = listColumns.find((one) => one.name === column)?.name
      if (by === undefined) throw new WrongAddress(`the list has no column ${JSON.stringify(column)}`)
      order = { by, descending }
    } else throw new WrongAddress(`${JSON.stringify(name)} has no meaning in it`)
  }
  return { text, status, grouped, order }
}

function formatView({ selection, metric, sort, columns, axes }: SweepView): string {
  const { where, brushes, top, picked } = selection
  const parts: string[] = []
  if (where !== '') parts.push(`where=${escaped(where)}`)
  for (const [name, brush] of Object.entries(brushes))
    parts.push(`brush.${escaped(name).replaceAll('=', '%3D')}=${formatBrush(brush)}`)
  if (top !== null) parts.push(`top=${top}`)
  if (picked.length > 0) parts.push(`picked=${picked.join(',')}`)
  if (metric !== null) parts.push(`metric=${escaped(metric)}`)
  // A minus before the name: from the greatest to the least.
  const order = sort.map(({ column, descending }) => `${descending ? '-' : ''}${column}`)
  if (order.length > 0) parts.push(`sort=${listed(order)}`)
  if (columns !== null) parts.push(`columns=${listed(columns)}`)
  if (axes.order !== plainAxes.order)
    parts.push(`axes=${axes.order === 'file' ? axes.order : listed(axes.order as readonly string[])}`)
  for (const scale of ['log', 'linear'] as const) {
    const scaled = Object.keys(axes.scales).filter((column) => axes.scales[column] === scale)
    if (scaled.length > 0) parts.push(`${scale}=${listed(scaled)}`)
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

function parseView(entries: readonly (readonly [string, string])[]): SweepView {
  const brushes: Record<string, Brush> = Object.create(null)
  let { where, top, picked } = everything
  let { metric, sort, columns } = plainView
  let { order } = plainAxes
  const scales: Record<string, Scale> = Object.create(null)
  for (const [name, value] of entries) {
    if (name === 'where') where = unescaped(value)
    else if (name === 'top') top = shareOf(value)
    else if (name === 'picked') picked = value === '' ? [] : value.split(',').map(trialNumber)
    else if (name === 'metric') metric = unescaped(value)
    else if (name === 'sort') sort = unlisted(value).map(sortKey)
    else if (name === 'columns') columns = value === '' ? [] : unlisted(value)
    else if (name === 'axes') order = value === 'file' ? value : value === '' ? [] : unlisted(value)
    else if (name === 'log' || name === 'linear') for (const column of unlisted(value)) scales[column] = name
    else if (name.startsWith('brush.')) brushes[name.slice('brush.'.length)] = parseBrush(name, value)
    else throw new WrongAddress(`${JSON.stringify(name)} has no meaning in it`)
  }
  const axes = { order, scales: { ...scales } }
  return { selection: { where, brushes: { ...brushes }, top, picked }, metric, sort, columns, axes }
}

function sortKey(text: string): SortKey {
  return { column: text.replace(/^-/, ''), descending: text.startsWith('-') }
}

function shareOf(text: string): number {
  const share = Number(text)
  if (text === '' || !(share > 0 && share <= 100))
    throw new WrongAddress(`"top" is a share in per cent above 0 and up to 100 (got ${JSON.stringify(text)})`)
  return share
}

function trialNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new WrongAddress(`"picked" lists numbers of trials (got ${JSON.stringify(text)})`)
  return Number(text)
}

function formatBrush(brush: Brush): string {
  if (brush.kind === 'values') return `in:${onlyEmpty(brush.values) ? ',' : listed(brush.values)}`
  const end = (value: number) => (Number.isFinite(value) ? String(value) : '')
  return `${end(brush.min)}..${end(brush.max)}`
}

/** The empty text alone would look like no value at all: it is `in:,`. */
function onlyEmpty(values: readonly string[]): boolean {
  return values.length === 1 && values[0] === ''
}

function valuesIn(text: string): string[] {
  if (text === '') return []
  return text === ',' ? [''] : unlisted(text)
}

function parseBrush(name: string, text: string): Brush {
  if (text.startsWith('in:')) return { kind: 'values', values: valuesIn(text.slice(3)) }
  const [low, high, ...more] = text.split('..')
  const [min, max] = [endOf(low, Number.NEGATIVE_INFINITY), endOf(high, Number.POSITIVE_INFINITY)]
  if (Number.isNaN(min) || Number.isNaN(max) || more.length > 0)
    throw new WrongAddress(
      `${JSON.stringify(name)} is a range such as 1..10, or in:a,b (got ${JSON.stringify(text)})`,
    )
  return { kind: 'range', min, max }
}

function endOf(text: string | undefined, open: number): number {
  if (text === undefined) return Number.NaN
  return text === '' ? open : Number(text)
}

/** Names and their values, the values still escaped. */
function entriesOf(text: string): [string, string][] {
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [unescaped(part), ''] : [unescaped(part.slice(0, at)), part.slice(at + 1)]
    })
}

function listed(texts: readonly string[]): string {
  return texts.map((text) => escaped(text).replaceAll(',', '%2C')).join(',')
}

function unlisted(text: string): string[] {
  return text.split(',').map(unescaped)
}

/** Halves of characters, which no address can hold. */
const halves = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** `encodeURIComponent`, but for what reads well, is not misread, and is left as it is by browsers: blanks become +. */
function escaped(text: string): string {
  return encodeURIComponent(text.replace(halves, '\ufffd')).replace(/%(?:20|2C|3A|3D|40)/g, (code) =>
    code === '%20' ? '+' : decodeURIComponent(code),
  )
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new WrongAddress(`${JSON.stringify(text)} is not escaped as addresses are`)
  }
}
