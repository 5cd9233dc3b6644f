/**
 * The frame that every plot stands in: its title and what it shows in a sentence, its controls, a menu to save it, the canvases,
 * what is pointed at, and its data as a table for whoever cannot see a picture.
 */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { LoadedSweep } from '../loaded.js'
import { Handles } from './handles.js'
import { cellText, countText } from './numbers.js'
import type { DataTable, Handle, Hit, Picture } from './picture.js'
import { listen } from './pointer.js'
import { saveCsv, savePng, saveSvg } from './save.js'
import { type MakePicture, Stage } from './stage.js'

export interface PlotProps {
  /** Whose trials are selected and pointed at; null where a plot is of several sweeps. */
  readonly sweep: LoadedSweep | null
  readonly title: string
  /** What it shows, in a sentence or two. */
  readonly summary: string
  /** In CSS pixels. */
  readonly height: number
  /** Another function where there is something else to be drawn: keep it by `useMemo`. */
  readonly picture: MakePicture
  /** What it shows as a table; asked for when it is wanted. */
  readonly data: () => DataTable
  /** Controls. */
  readonly children?: ComponentChildren
  /** The level of its title. */
  readonly level?: 3 | 4
  /** The summary is only for those who cannot see the picture: its like stands elsewhere. */
  readonly quiet?: boolean
}

/** Rows of the table that is shown; the file has all. */
const shownRows = 200
const none: readonly Handle[] = []

export function Plot(props: PlotProps) {
  const { sweep, title, summary, height, picture, data, children, level = 3, quiet = false } = props
  const host = useRef<HTMLDivElement>(null)
  const tip = useRef<HTMLDivElement>(null)
  const stage = useRef<Stage | null>(null)
  const [hit, setHit] = useState<Hit | null>(null)
  const [said, setSaid] = useState('')
  const [tabled, setTabled] = useState(false)
  const [shown, setShown] = useState<Picture | null>(null)
  const id = useId()

  useEffect(() => {
    const element = host.current
    if (element === null) return
    const made = new Stage(element, sweep, setShown)
    stage.current = made
    const tell = (pointed: Hit | null, bySaying: boolean) => {
      setHit(pointed)
      if (bySaying && pointed !== null) setSaid(spoken(pointed))
    }
    const stop = listen(element.querySelectorAll('canvas')[2], made, sweep, { tell })
    return () => {
      stop()
      made.stop()
      stage.current = null
    }
  }, [sweep])
  useEffect(() => stage.current?.show(picture, height), [sweep, picture, height])
  useLayoutEffect(() => {
    if (hit !== null && tip.current !== null && host.current !== null)
      placeTip(tip.current, host.current, hit)
  }, [hit])

  const name = [sweep?.head.peek().run.name, title]
    .filter(Boolean)
    .join(' ')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
  const mask = () => sweep?.mask.peek() ?? new Uint8Array()
  const asFile = (save: typeof saveSvg) => () => {
    const made = stage.current?.make()
    if (made != null) save(name, made.picture, made.frame, mask())
  }
  const Title = `h${level}` as const
  const keys = keysOf(shown)
  return (
    <figure class="plot" aria-labelledby={`${id}-title`}>
      <figcaption class="plot-head">
        <div class="plot-words">
          <Title id={`${id}-title`} class="plot-title">
            {title}
          </Title>
          <p id={`${id}-summary`} class={quiet ? 'hidden' : 'plot-summary'}>
            {summary}
          </p>
        </div>
        <SaveMenu
          title={title}
          items={[
            ['Save as SVG', asFile(saveSvg)],
            ['Save as PNG', asFile(savePng)],
            ['Save data as CSV', () => saveCsv(name, data())],
            [tabled ? 'Hide the table' : 'Show as a table', () => setTabled(!tabled)],
          ]}
        />
        {children !== undefined && <div class="plot-controls">{children}</div>}
      </figcaption>
      <div class="plot-stage" ref={host} style={{ height: `${height}px` }}>
        <div aria-hidden="true">
          <canvas />
          <canvas />
        </div>
        <canvas
          tabIndex={0}
          role="img"
          aria-label={`${title}. ${summary}`}
          aria-describedby={keys === null ? undefined : `${id}-keys`}
        />
        <Handles handles={shown?.handles ?? none} say={setSaid} />
        {hit !== null && (
          <div class="plot-tip" ref={tip} aria-hidden="true">
            <strong>{hit.title}</strong>
            {hit.lines.length > 0 && (
              <dl>
                {hit.lines.map(([term, value]) => (
                  <div key={term}>
                    <dt>{term}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            )}
          </div>
        )}
      </div>
      {keys !== null && (
        <p id={`${id}-keys`} class="hidden">
          {keys}
        </p>
      )}
      <p class="hidden" aria-live="polite">
        {said}
      </p>
      {tabled && <Tabled title={title} data={data()} />}
    </figure>
  )
}

/** What keys do in a picture, in words; null where they do nothing. */
function keysOf(picture: Picture | null): string | null {
  if (picture?.stops !== undefined)
    return 'Arrow keys go through what is drawn, Enter does what a click does.'
  if (picture?.order !== undefined)
    return 'Arrow keys go through the trials, space picks one, Enter opens it, Escape takes back what is brushed or picked.'
  return picture?.areas === undefined ? null : 'Escape takes back what is brushed or picked.'
}

function spoken({ title, lines }: Hit): string {
  return [title, ...lines.map(([term, value]) => `${term} ${value}`)].join(', ')
}

function placeTip(tip: HTMLElement, host: HTMLElement, { x, y }: Hit): void {
  const { offsetWidth: width, offsetHeight: height } = tip
  const left = x + 14 + width > host.clientWidth ? Math.max(0, x - 14 - width) : x + 14
  const top = Math.max(-8, Math.min(y - height / 2, host.clientHeight - height + 8))
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`
}

function SaveMenu({ title, items }: { title: string; items: readonly (readonly [string, () => void])[] }) {
  const details = useRef<HTMLDetailsElement>(null)
  const close = () => {
    if (details.current !== null) details.current.open = false
  }
  return (
    <details
      class="plot-menu"
      ref={details}
      onFocusOut={(event) => {
        if (!details.current?.contains(event.relatedTarget as Node | null)) close()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          close()
          details.current?.querySelector('summary')?.focus()
        }
      }}
    >
      <summary aria-label={`Save ${title}`} title="Save, or show as a table">
        <span aria-hidden="true">⋯</span>
      </summary>
      <div class="plot-items">
        {items.map(([label, act]) => (
          <button
            key={label}
            type="button"
            onClick={() => {
              act()
              close()
            }}
          >
            {label}
          </button>
        ))}
      </div>
    </details>
  )
}

function Tabled({ title, data: { columns, rows } }: { title: string; data: DataTable }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section class="plot-table" tabIndex={0} aria-label={`${title} as a table`}>
      <table>
        {rows.length > shownRows && (
          <caption>
            The first {shownRows} of {countText(rows.length)} rows; the CSV has all.
          </caption>
        )}
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shownRows).map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={columns[column]}>{typeof cell === 'number' ? cellText('', cell) : cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
