/** The head of a sweep's page: what one most wants to know first, which is how good the best is, and how sure that is. */
import type { ReadonlySignal } from '@preact/signals'
import { count, instant, metric, number, seconds, value } from '../../../format.js'
import { tagNames } from '../../../names.js'
import { isImported } from '../../../origin.js'
import { plain, reasonLine } from '../../../shown.js'
import { secondsBetween } from '../../../values.js'
import type { SweepHead } from '../../data/index.js'
import { listAddress } from '../address.js'
import { useApp } from '../context.js'
import type { OpenSweep } from '../open-sweep.js'
import { Acts } from './acts.js'
import { SweepCommands } from './commands.js'
import { Progress, timeLeft } from './progress.js'
import { Status } from './status.js'
import { besides, gainOver } from './values.js'

interface HeadProps {
  readonly head: SweepHead
  readonly loaded: ReadonlySignal<OpenSweep | null>
  readonly onOpen: (trial: number) => void
}

export function SweepHeadView({ head, loaded, onOpen }: HeadProps) {
  const { run, entry } = head
  const seen = secondsBetween(run.started, run.ended)
  // What was imported without times has that of the import.
  const took = seen === 0 && isImported(run.spec) ? null : seen
  const left = timeLeft(entry)
  const { facts } = useApp()
  return (
    <header class="sweep-head">
      <p class="crumbs">
        <a href={listAddress.value}>All sweeps</a> <span aria-hidden="true">/</span> {plain(run.experiment)}
      </p>
      <div class="title-line">
        <h1>{plain(run.name)}</h1>
        <Status status={run.status} />
        <span class="muted">
          started {instant(run.started)}
          {took === null ? '' : `, took ${seconds(took)}`}
        </span>
        {facts.value !== null && !facts.value.readOnly && <Acts head={head} loaded={loaded} />}
      </div>
      <div class="hero">
        <Best head={head} onOpen={onOpen} />
        <BestParams head={head} loaded={loaded} />
        <div class="hero-side">
          <Progress entry={entry} />
          <p class="muted pace">
            {[
              left === '' ? '' : `${left} left`,
              entry.trialsPerMinute === null
                ? ''
                : `${metric('', Number(entry.trialsPerMinute.toPrecision(3)))} trials a minute`,
            ]
              .filter((part) => part !== '')
              .join(', ')}
          </p>
          {run.error !== null && (
            <p class="problem">{`${run.error.code}: ${reasonLine(run.error.message)}`}</p>
          )}
          <Labels tags={run.tags} />
          {facts.value !== null && <SweepCommands entry={entry} spec={run.spec} facts={facts.value} />}
        </div>
      </div>
    </header>
  )
}

function Best({ head: { entry, run }, onOpen }: Pick<HeadProps, 'head' | 'onOpen'>) {
  const { best, objective, reproduced } = entry
  const gain = gainOver(entry)
  if (best === null)
    return (
      <div class="hero-best">
        <p class="hero-label">best {plain(objective.metric)}</p>
        <p class="hero-value none">{run.status === 'running' ? 'none yet' : 'none'}</p>
        <p class="muted">
          {run.trials.failed > 0 ? `${count(run.trials.failed, 'trial')} failed` : 'no trial has finished'}
        </p>
      </div>
    )
  return (
    <div class="hero-best">
      <p class="hero-label">
        best {plain(objective.metric)}, {objective.direction === 'maximize' ? 'higher' : 'lower'} is better
      </p>
      <p class="hero-value" data-best>
        {metric(objective.metric, best.value)}
      </p>
      <p class="hero-notes">
        <button type="button" class="link" onClick={() => onOpen(best.trial)}>
          {`trial ${best.trial}`}
        </button>
        {reproduced !== null && (
          <span class={reproduced === 'equal' ? 'good' : 'bad'}>
            {reproduced === 'equal' ? '✓ reproduced: equal' : '✗ reproduced: different'}
          </span>
        )}
        {gain !== null && <span class={gain.includes('worse') ? 'bad' : 'muted'}>{gain}</span>}
      </p>
      <dl class="besides">
        {besides(entry).map(({ name, value: text, note }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <strong>{text}</strong> <span class="muted">{note}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

/** The params of the best, once the trials have come. */
function BestParams({ head, loaded }: Pick<HeadProps, 'head' | 'loaded'>) {
  const sweep = loaded.value
  const best = head.entry.best
  if (best === null) return null
  sweep?.version.value
  const row = sweep?.table.rowOf(best.trial)
  return (
    <section class="best-params" aria-label="Params of the best">
      <h2>Params of the best</h2>
      {row === undefined ? (
        <p class="muted">{sweep === null ? 'coming …' : 'not in the record'}</p>
      ) : (
        <ManyParams params={paramsAt(sweep!, row)} />
      )}
    </section>
  )
}

/** Params that are shown at once: more would push what one came for out of view. */
const fewParams = 20

function ManyParams({ params }: { readonly params: readonly (readonly [name: string, text: string])[] }) {
  const more = params.slice(fewParams)
  return (
    <>
      <Params params={params.slice(0, fewParams)} />
      {more.length > 0 && (
        <details>
          <summary>{`${number(more.length)} more`}</summary>
          <Params params={more} />
        </details>
      )}
    </>
  )
}

function Params({ params }: { readonly params: readonly (readonly [name: string, text: string])[] }) {
  return (
    <dl class="pairs">
      {params.map(([name, text]) => (
        <div key={name}>
          <dt>{plain(name)}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

/** The params of a row, as the table knows them. */
export function paramsAt({ table }: OpenSweep, row: number): [name: string, text: string][] {
  return [...table.columns.keys()].flatMap((column): [string, string][] => {
    const cell = column.startsWith('params.') ? table.cell(column, row) : null
    return cell === null ? [] : [[column.slice('params.'.length), value(cell)]]
  })
}

/** Tags and the note of a run. */
export function Labels({
  tags: { [tagNames.note]: note, ...tags },
}: {
  readonly tags: Readonly<Record<string, string>>
}) {
  const names = Object.keys(tags)
  return (
    <>
      {note !== undefined && <p class="note">{plain(note)}</p>}
      {names.length > 0 && (
        <ul class="tags" aria-label="Tags">
          {names.map((name) => (
            <li key={name}>
              <span class="muted">{plain(name)}</span> {plain(tags[name])}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
