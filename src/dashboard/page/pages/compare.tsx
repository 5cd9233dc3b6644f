/** Several sweeps in one set of plots, and their bests beside each other. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { instant, metric } from '../../../format.js'
import { plain } from '../../../shown.js'
import type { SweepEntry } from '../../data/index.js'
import { go, listAddress } from '../address.js'
import { useApp } from '../context.js'
import type { OpenSweep } from '../open-sweep.js'
import { Progress } from '../parts/progress.js'
import { Scrolls } from '../parts/scrolls.js'
import { Status } from '../parts/status.js'
import { paramsAt } from '../parts/sweep-head.js'
import { besides } from '../parts/values.js'
import { formatRoute, plainView } from '../routes.js'
import { displaySweep, type SweepDisplay } from '../sweep-display.js'
import { doneOf } from '../sweep-list.js'
import { CompareView } from '../views/index.js'

/** ms between two looks: the one stream of the page tells of all sweeps only in short. */
const pace = 3000

export function ComparePage({ sweeps }: { readonly sweeps: readonly string[] }) {
  const { source, sweeps: entries } = useApp()
  const [displays, setDisplays] = useState<readonly SweepDisplay[]>([])
  const ids = sweeps.join(',')
  useEffect(() => {
    const opened = ids.split(',').map((id) =>
      displaySweep(
        source,
        id,
        plainView,
        () => () => {},
        (trial) => go({ page: 'trial', sweep: id, trial, view: plainView }),
      ),
    )
    setDisplays(opened)
    return () => {
      for (const display of opened) display.close()
    }
  }, [source, ids])
  useEffect(() => {
    if (!source.live) return
    const timer = setInterval(() => {
      for (const display of displays) if (isOld(display, entries.peek() ?? [])) display.reload()
    }, pace)
    return () => clearInterval(timer)
  }, [source, entries, displays])
  const failures = displays.flatMap(({ id, failure }) =>
    failure.value === null ? [] : [`${id}: ${failure.value}`],
  )
  const loaded = displays.flatMap((display) => display.loaded.value ?? [])
  return (
    <>
      <header class="sweep-head">
        <p class="crumbs">
          <a href={listAddress.value}>All sweeps</a>
        </p>
        <h1>{`${sweeps.length} sweeps compared`}</h1>
      </header>
      {failures.map((failure) => (
        <p key={failure} class="problem" role="alert">
          {plain(failure)}
        </p>
      ))}
      {loaded.length + failures.length < sweeps.length && <p class="muted coming">coming …</p>}
      {loaded.length > 0 && (
        <>
          <Bests sweeps={loaded} />
          <section aria-labelledby="plots-title">
            <h2 id="plots-title">In one set of plots</h2>
            <div class="view">
              <CompareView sweeps={loaded} />
            </div>
          </section>
        </>
      )}
    </>
  )
}

/** Whether the list of all sweeps knows more of it than is shown. */
function isOld({ id, head }: SweepDisplay, entries: readonly SweepEntry[]): boolean {
  const [shown, known] = [head.peek()?.entry, entries.find((entry) => entry.id === id)]
  if (shown === undefined || known === undefined) return false
  return doneOf(known) !== doneOf(shown) || known.status !== shown.status
}

/** What differs between them, and how good each came out. */
function Bests({ sweeps }: { readonly sweeps: readonly OpenSweep[] }) {
  const entries = sweeps.map(({ head }) => head.value.entry)
  const beside = [...new Set(entries.flatMap((entry) => besides(entry).map(({ name }) => name)))]
  const params = sweeps.map((sweep) => new Map(bestParams(sweep)))
  const names = [...new Set(params.flatMap((one) => [...one.keys()]))]
  const besideOf = (entry: SweepEntry, name: string) =>
    besides(entry).find((one) => one.name === name)?.value ?? ''
  return (
    <section class="compared" aria-labelledby="compared-title">
      <h2 id="compared-title">Beside each other</h2>
      <Scrolls label="Sweeps beside each other">
        <table class="plain-table compared">
          <thead>
            <tr>
              <td />
              {entries.map(({ id, name }) => (
                <th key={id} scope="col">
                  <a href={formatRoute({ page: 'sweep', sweep: id, view: plainView })}>{plain(name)}</a>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Line
              title="status"
              cells={entries.map((entry) => <Status key={entry.id} status={entry.status} />)}
            />
            <Line
              title="best"
              cells={entries.map(({ best, objective, status }) =>
                best === null
                  ? status === 'running'
                    ? 'none yet'
                    : 'none'
                  : `${metric(objective.metric, best.value)} ${plain(objective.metric)}`,
              )}
            />
            {beside.map((name) => (
              <Line key={name} title={name} cells={entries.map((entry) => besideOf(entry, name))} />
            ))}
            <Line title="trials" cells={entries.map((entry) => <Progress key={entry.id} entry={entry} />)} />
            <Line
              title="started"
              cells={entries.map(({ started }) => instant(new Date(started).toISOString()))}
            />
            {names.map((name) => (
              <Line key={`params.${name}`} title={name} cells={params.map((one) => one.get(name) ?? '')} />
            ))}
          </tbody>
        </table>
      </Scrolls>
    </section>
  )
}

interface LineProps {
  readonly title: string
  readonly cells: readonly ComponentChildren[]
}

/** A line of the comparison, marked where its cells differ. */
function Line({ title, cells }: LineProps) {
  const differs = cells.some((cell) => typeof cell === 'string' && cell !== cells[0])
  return (
    <tr class={differs ? 'differs' : ''}>
      <th scope="row">{plain(title)}</th>
      {cells.map((cell, i) => (
        <td key={i}>{cell}</td>
      ))}
    </tr>
  )
}

function bestParams(sweep: OpenSweep): [string, string][] {
  sweep.version.value
  const best = sweep.head.value.entry.best
  const row = best === null ? undefined : sweep.table.rowOf(best.trial)
  return row === undefined ? [] : paramsAt(sweep, row)
}
