/** One trial: its params beside the best's, what came of it, why it was suggested, what it left, and how to get it again. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { count, deviation, instant, metric, metricRows, number, seconds } from '../../../format.js'
import { isImported, originInWords } from '../../../origin.js'
import { attemptEnd, plain, reasonLine, reasonLines } from '../../../shown.js'
import type { ChildRun } from '../../../tracking/index.js'
import { isJsonObject, type JsonObject } from '../../../values.js'
import { listAddress } from '../address.js'
import { useApp } from '../context.js'
import { type OpenSweep, withOnly } from '../open-sweep.js'
import { Artifacts } from '../parts/artifacts.js'
import { Command } from '../parts/copy.js'
import { Histories } from '../parts/histories.js'
import { ParamsBeside } from '../parts/params-beside.js'
import { flat, Pairs } from '../parts/record.js'
import { Lines } from '../parts/scrolls.js'
import { Status } from '../parts/status.js'
import { Labels } from '../parts/sweep-head.js'
import { TrialActs } from '../parts/trial-acts.js'
import { WhereItRan } from '../parts/where-it-ran.js'
import { formatRoute, type SweepView } from '../routes.js'
import type { SweepDisplay } from '../sweep-display.js'
import { orderedRows } from '../table-order.js'
import { followTrial } from '../trial-follower.js'
import { StepsView } from '../views/index.js'
import { NotFound, Outdated } from './wrong.js'

interface TrialPageProps {
  readonly display: SweepDisplay
  readonly trial: number
}

export function TrialPage({ display, trial }: TrialPageProps) {
  const sweep = display.loaded.value
  if (sweep === null) {
    const problem = display.failure.value
    return problem === null ? (
      <p class="muted coming">coming …</p>
    ) : (
      <NotFound what="This trial" problem={problem} />
    )
  }
  sweep.version.value
  const row = sweep.table.rowOf(trial)
  if (row === undefined)
    return <NotFound what={`Trial ${trial}`} problem={`This sweep has no trial ${trial}.`} />
  return <TrialView key={trial} display={display} sweep={sweep} trial={trial} row={row} />
}

interface TrialViewProps extends TrialPageProps {
  readonly sweep: OpenSweep
  readonly row: number
}

function TrialView({ display, sweep, trial, row }: TrialViewProps) {
  const { source, facts } = useApp()
  const [run, setRun] = useState<ChildRun | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => followTrial(source, display, trial, setRun, setProblem), [source, display, trial])
  const { entry, run: parent } = sweep.head.value
  const { table } = sweep
  const status = run?.status ?? (table.cell('status', row) as ChildRun['status'])
  const reached = table.cell('value', row) as number | null
  const isBest = entry.best?.trial === trial
  const command = (words: string) =>
    `${facts.value?.called ?? 'espalier'} ${words}${facts.value?.storeArgument ?? ''}`
  const id = String(table.cell('run', row) ?? '')
  const took = table.cell('seconds', row) as number | null
  const printed = reasonLines(run?.error?.message ?? '')
  return (
    <article class="trial">
      <Outdated display={display} />
      <header class="sweep-head">
        <p class="crumbs">
          <a href={listAddress.value}>All sweeps</a> <span aria-hidden="true">/</span>{' '}
          <a href={formatRoute({ page: 'sweep', sweep: sweep.id, view: display.view.value })}>
            {plain(parent.name)}
          </a>
        </p>
        <div class="title-line">
          <h1>{`Trial ${trial}`}</h1>
          <Status status={status} />
          {isBest && <span class="mark">best</span>}
          <span class="muted">
            started {instant(new Date(table.cell('started', row) as number).toISOString())}
            {took === null ? '' : `, took ${seconds(took)}`}
          </span>
          <Neighbours sweep={sweep} trial={trial} view={display.view.value} />
        </div>
        <div class="hero">
          <div class="hero-best">
            <p class="hero-label">{plain(entry.objective.metric)}</p>
            <p class={reached === null ? 'hero-value none' : 'hero-value'}>
              {reached === null ? 'none' : metric(entry.objective.metric, reached)}
            </p>
            <p class="muted">{besideBest(sweep, row)}</p>
          </div>
          <Why sweep={sweep} row={row} run={run} />
          <div class="hero-side">
            {isImported(parent.spec) ? (
              <Command label="in words" text={command(`runs show ${id.slice(0, 8)}`)} />
            ) : (
              <>
                <Command label="train again" text={command(`reproduce ${id.slice(0, 8)}`)} />
                <Command label="predict" text={command(`predict ${id.slice(0, 8)} --data FILE.csv`)} />
              </>
            )}
            {run !== null && <Labels tags={run.tags} />}
          </div>
        </div>
        {facts.value !== null && !facts.value.readOnly && (
          <TrialActs sweep={sweep.id} trial={trial} status={status} tags={run?.tags ?? {}} />
        )}
      </header>
      {run !== null && run.error !== null && (
        <p class="problem block" role="alert">{`${run.error.code}: ${reasonLine(run.error.message)}`}</p>
      )}
      {printed.length > 0 && (
        <div class="block">
          <Lines label="Its last lines" text={printed.join('\n')} />
        </div>
      )}
      {run?.conditions.pruned !== undefined && (
        <p class="block">{`Pruned: ${plain(run.conditions.pruned.reason)}`}</p>
      )}
      <div class="beside">
        <ParamsBeside sweep={sweep} trial={trial} row={row} />
        {run !== null && <Metrics run={run} />}
      </div>
      {run === null ? (
        <p class={problem === null ? 'muted coming' : 'block muted'}>
          {problem === null ? 'coming …' : plain(problem)}
        </p>
      ) : (
        <TrialRecord sweep={sweep} run={run} folds={foldsOf(parent.spec)} />
      )}
    </article>
  )
}

function Metrics({ run }: { readonly run: ChildRun }) {
  const metrics = metricRows(run.metrics)
  if (metrics.length === 0) return null
  return (
    <section aria-labelledby="metrics-title">
      <h2 id="metrics-title">Metrics</h2>
      <div class="panel">
        <Pairs entries={metrics} />
      </div>
    </section>
  )
}

interface RecordProps {
  readonly sweep: OpenSweep
  readonly run: ChildRun
  /** 0: it is not validated by folds. */
  readonly folds: number
}

function TrialRecord({ sweep, run, folds }: RecordProps) {
  const { origin: _, ...conditions } = run.conditions
  const alone = useMemo(() => withOnly(sweep, run.trial), [sweep, run.trial])
  const hasCurve = Object.values(run.history).some(({ steps }) => steps.length > 1)
  return (
    <>
      <Histories history={run.history} folds={folds} />
      {hasCurve && (
        <div class="view block">
          <StepsView sweep={alone} />
        </div>
      )}
      <WhereItRan run={run} sweep={sweep.head.value.run} />
      <Interruptions run={run} />
      {'output' in run && run.output.length > 0 && (
        <section aria-labelledby="output-title">
          <h2 id="output-title">Output so far</h2>
          <Lines label="Lines of output" text={run.output.join('\n')} />
        </section>
      )}
      <section aria-labelledby="conditions-title">
        <h2 id="conditions-title">Record</h2>
        <details open={run.artifacts.length === 0}>
          <summary>Conditions</summary>
          <Pairs entries={[['run', run.id], ...flat(conditions)]} />
        </details>
        <Artifacts run={run} />
      </section>
    </>
  )
}

/** Attempts that came to nothing, workers that vanished over it, and where it went on from a checkpoint. */
function Interruptions({ run }: { readonly run: ChildRun }) {
  const { fits, continued = [] } = run.conditions
  const lost = 'seats' in run ? (run.lost ?? []) : (fits?.lost ?? []).flat()
  const lines = [
    ...run.attempts.map((one) => `attempt ${one.attempt}, ${instant(one.started)}: ${attemptEnd(one)}`),
    ...lost.map(
      ({ id, host, ms }) =>
        `worker ${plain(id)} on ${plain(host)} vanished and was missed ${seconds(ms / 1000)} after the attempt began: its fit is done again`,
    ),
    ...continued.map(
      ({ attempt, step, fold }) =>
        `attempt ${attempt} went on from the checkpoint of step ${step}${fold === undefined ? '' : ` of fold ${fold}`}`,
    ),
  ]
  if (lines.length === 0) return null
  return (
    <section aria-labelledby="attempts-title">
      <h2 id="attempts-title">{run.attempts.length > 0 ? 'Earlier attempts' : 'Interruptions'}</h2>
      <ul>
        {lines.map((line, i) => (
          <li key={String(i)}>{line}</li>
        ))}
      </ul>
    </section>
  )
}

function foldsOf({ validation }: JsonObject): number {
  if (!isJsonObject(validation)) return 0
  const fits = validation.fits ?? validation.folds
  return typeof fits === 'number' ? fits : 0
}

/** Why it was suggested, what was predicted of it, and how far off that was. */
function Why({
  sweep: { table },
  row,
  run,
}: {
  readonly sweep: OpenSweep
  readonly row: number
  readonly run: ChildRun | null
}) {
  const predicted = table.cell('predicted', row) as number | null
  const spread = table.cell('deviation', row) as number | null
  const came = table.cell('value', row) as number | null
  return (
    <section class="best-params" aria-label="Why it was suggested">
      <h2>Why it was suggested</h2>
      <p>
        {run === null ? plain(String(table.cell('rule', row) ?? '')) : originInWords(run.conditions.origin)}
      </p>
      {predicted !== null && (
        <dl class="pairs single">
          <div>
            <dt>predicted</dt>
            <dd>{`${number(predicted)}${spread === null ? '' : ` ± ${deviation(spread)}`}`}</dd>
          </div>
          {came !== null && (
            <div>
              <dt>came</dt>
              <dd>{`${number(came)}, ${howFarOff(came - predicted, spread)}`}</dd>
            </div>
          )}
        </dl>
      )}
    </section>
  )
}

function howFarOff(difference: number, spread: number | null): string {
  if (difference === 0) return 'as predicted'
  const off = `${deviation(Math.abs(difference))} ${difference > 0 ? 'above' : 'below'}`
  if (spread === null || spread === 0) return off
  return `${off}: ${Number((Math.abs(difference) / spread).toPrecision(2))} deviations`
}

function besideBest({ table, head }: OpenSweep, row: number): string {
  const { best, objective } = head.value.entry
  const own = table.cell('value', row) as number | null
  if (best === null || own === null) return ''
  const worse = objective.direction === 'maximize' ? best.value - own : own - best.value
  return worse === 0 ? 'the best value' : `${deviation(Math.abs(worse))} from the best, ${number(best.value)}`
}

interface NeighboursProps {
  readonly sweep: OpenSweep
  readonly trial: number
  readonly view: SweepView
}

/** The trials before and after it, of those that are selected, in the order of the table. */
function Neighbours({ sweep, trial, view }: NeighboursProps) {
  const rows = orderedRows(sweep.table, sweep.mask.value, sweep.sort.value)
  const at = rows.indexOf(sweep.table.rowOf(trial)!)
  const link = (place: number, words: string) => {
    if (place < 0 || place >= rows.length) return null
    const other = sweep.table.cell('trial', rows[place]) as number
    return <a href={formatRoute({ page: 'trial', sweep: sweep.id, trial: other, view })}>{words}</a>
  }
  return (
    <nav class="neighbours" aria-label="Trials of the selection">
      {link(at < 0 ? -1 : at - 1, '← previous')}
      <span class="muted">
        {at < 0 ? 'not selected' : `${number(at + 1)} of ${count(rows.length, 'selected trial')}`}
      </span>
      {link(at < 0 ? 0 : at + 1, at < 0 ? 'first selected →' : 'next →')}
    </nav>
  )
}
