/**
 * All trials that are selected as a table of which only the rows in view are in the document. Keys: arrows, Page Up and Down, Home
 * and End move, the blank picks, Enter opens.
 */
import { useComputed, useSignal, useSignalEffect } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { OpenSweep } from '../open-sweep.js'
import { cellText, familyOf, titleOf, usualColumns } from '../table-columns.js'
import { orderedRows, toggled } from '../table-order.js'
import { rowWindow, scrollTo } from '../table-window.js'
import { ColumnChooser, SaveRows } from './table-tools.js'

/** px, as the style has it. */
const rowHeight = 30
const headHeight = 34

export function TrialTableView({ sweep }: { readonly sweep: OpenSweep }) {
  const { table, head, version } = sweep
  const box = useRef<HTMLDivElement>(null)
  const top = useSignal(0)
  const height = useSignal(400)
  const active = useSignal<number | null>(null)
  const rows = useComputed(() => {
    version.value
    return orderedRows(table, sweep.candidates.value, sweep.sort.value)
  })
  const columns = useComputed(() => {
    version.value
    return (sweep.columns.value ?? usualColumns(table, head.value)).filter((name) => table.columns.has(name))
  })
  useEffect(() => {
    const element = box.current!
    const observer = new ResizeObserver(() => {
      height.value = Math.max(rowHeight, element.clientHeight - headHeight)
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useHover(sweep, box)
  const view = rowWindow(rows.value.length, rowHeight, top.value, height.value)
  const picked = new Set(sweep.selection.value.picked)
  const pick = (trial: number) => {
    const { selection } = sweep
    const rest = selection.peek().picked.filter((one) => one !== trial)
    const isPicked = rest.length < selection.peek().picked.length
    selection.value = { ...selection.peek(), picked: isPicked ? rest : [...rest, trial] }
  }
  const trialAt = (place: number) => table.cell('trial', rows.value[place]) as number
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current || rows.value.length === 0) return
    const at = active.value === null ? -1 : rows.value.indexOf(table.rowOf(active.value) ?? -1)
    const to = destination(event.key, at, rows.value.length, Math.floor(height.value / rowHeight))
    if (to !== null) {
      active.value = trialAt(to)
      sweep.hovered.value = active.value
      box.current!.scrollTop = scrollTo(to, rowHeight, box.current!.scrollTop, height.value)
    } else if (event.key === ' ' && at >= 0) pick(trialAt(at))
    else if (event.key === 'Enter' && at >= 0) sweep.open(trialAt(at))
    else return
    event.preventDefault()
  }
  const shown = Array.from(rows.value.subarray(view.from, view.to))
  const best = head.value.entry.best?.trial
  return (
    <div class="trials">
      <div class="tools">
        <ColumnChooser sweep={sweep} shown={columns.value} />
        <SaveRows sweep={sweep} rows={rows} />
        <span class="muted hint">
          Click picks, double click or Enter opens; Shift and a heading sorts by it too.
        </span>
      </div>
      <div
        ref={box}
        class="grid-box"
        role="grid"
        tabIndex={0}
        aria-label="Trials"
        aria-rowcount={rows.value.length + 1}
        aria-colcount={columns.value.length}
        aria-multiselectable
        aria-activedescendant={active.value === null ? undefined : `trial-${active.value}`}
        onScroll={() => {
          top.value = box.current!.scrollTop
        }}
        onKeyDown={onKeyDown}
      >
        <table role="presentation">
          <colgroup>
            {columns.value.map((name) => (
              <col key={name} class={columnClass(sweep, name)} />
            ))}
          </colgroup>
          <thead role="rowgroup">
            <Headings sweep={sweep} columns={columns.value} />
          </thead>
          <tbody
            role="rowgroup"
            onClick={(event) => withTrial(event, pick)}
            onDblClick={(event) => withTrial(event, sweep.open)}
            onPointerMove={(event) =>
              withTrial(event, (trial) => {
                sweep.hovered.value = trial
              })
            }
            onPointerLeave={() => {
              sweep.hovered.value = null
            }}
          >
            <Room height={view.before} />
            {shown.map((row, i) => {
              const trial = table.cell('trial', row) as number
              return (
                <tr
                  key={trial}
                  id={`trial-${trial}`}
                  data-trial={trial}
                  role="row"
                  aria-rowindex={view.from + i + 2}
                  aria-selected={picked.has(trial)}
                  class={rowClass(trial === best, trial === active.value)}
                >
                  {columns.value.map((name, place) => (
                    <td
                      key={name}
                      role="gridcell"
                      aria-colindex={place + 1}
                      class={cellClass(sweep, name, row)}
                    >
                      {cellText(table, name, row, head.value)}
                      {name === 'trial' && trial === best && <span class="mark">best</span>}
                    </td>
                  ))}
                </tr>
              )
            })}
            <Room height={view.after} />
          </tbody>
        </table>
        {rows.value.length === 0 && <p class="nothing">No trial is selected.</p>}
      </div>
    </div>
  )
}

function Headings({ sweep, columns }: { readonly sweep: OpenSweep; readonly columns: readonly string[] }) {
  const keys = sweep.sort.value
  return (
    <tr role="row" aria-rowindex={1}>
      {columns.map((name, place) => {
        const key = keys.findIndex(({ column }) => column === name)
        const order = key < 0 ? 'none' : keys[key].descending ? 'descending' : 'ascending'
        const title = titleOf(name, sweep.head.value)
        return (
          <th
            key={name}
            role="columnheader"
            scope="col"
            aria-colindex={place + 1}
            aria-sort={order}
            class={isNumber(sweep, name) ? 'number' : ''}
          >
            <button
              type="button"
              title={`${familyOf(name)} ${title}`.trim()}
              onClick={(event) => {
                sweep.sort.value = toggled(keys, name, event.shiftKey)
              }}
            >
              {title}
              <span aria-hidden="true" class="arrow">
                {order === 'none' ? '' : order === 'ascending' ? '↑' : '↓'}
                {key >= 0 && keys.length > 1 ? key + 1 : ''}
              </span>
            </button>
          </th>
        )
      })}
    </tr>
  )
}

/** In place of rows that are not in the document. */
function Room({ height }: { readonly height: number }) {
  return height === 0 ? null : (
    <tr role="presentation" aria-hidden="true" class="room" style={{ height: `${height}px` }} />
  )
}

/** The row of the trial under the pointer, in whatever view that is, is marked without making rows anew. */
function useHover(sweep: OpenSweep, box: RefObject<HTMLDivElement | null>): void {
  useSignalEffect(() => {
    const trial = sweep.hovered.value
    const row = trial === null ? null : box.current?.querySelector(`[data-trial="${trial}"]`)
    row?.setAttribute('data-hovered', '')
    return () => row?.removeAttribute('data-hovered')
  })
}

function withTrial(event: Event, action: (trial: number) => void): void {
  const row = (event.target as Element).closest('[data-trial]')
  if (row !== null) action(Number(row.getAttribute('data-trial')))
}

/** The place that a key leads to from this one (−1: none yet); null where it leads nowhere. */
function destination(key: string, at: number, rows: number, page: number): number | null {
  const within = (place: number) => Math.min(rows - 1, Math.max(0, place))
  switch (key) {
    case 'ArrowDown':
      return within(at + 1)
    case 'ArrowUp':
      return within(at - 1)
    case 'PageDown':
      return within(at + page)
    case 'PageUp':
      return within(at - page)
    case 'Home':
      return 0
    case 'End':
      return rows - 1
    default:
      return null
  }
}

function isNumber({ table }: OpenSweep, name: string): boolean {
  return table.columns.get(name)?.kind === 'number'
}

function columnClass(sweep: OpenSweep, name: string): string {
  if (name === 'trial' || name === 'status' || name === 'error') return `column-${name}`
  return isNumber(sweep, name) ? 'column-number' : 'column-text'
}

function cellClass(sweep: OpenSweep, name: string, row: number): string {
  if (name === 'status') return `state state-${sweep.table.cell('status', row)}`
  return `${isNumber(sweep, name) ? 'number' : ''}${name === 'value' ? ' objective' : ''}`
}

function rowClass(isBest: boolean, isActive: boolean): string {
  return `${isBest ? 'best' : ''}${isActive ? ' active' : ''}`
}
