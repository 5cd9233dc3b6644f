/** What a report holds of its sweeps: what the live page would ask for, as far as there is room. */
import { type Insight, type Surface, surfaceOf } from '../../analysis/index.js'
import { isEspalierError } from '../../errors.js'
import { isFigure } from '../../launch/figures.js'
import { type AnalysedSweep, insightWith } from '../../launch/insight.js'
import { judgingOf } from '../../launch/judging-record.js'
import type { ChildRun, ParentRun, RunStore } from '../../tracking/index.js'
import { type ReportData, type SweepReport, surfaceKey, type TrialTable } from '../data/index.js'
import { headOf } from '../gather/head.js'
import { searchedParameters } from '../gather/parameters.js'
import { tableOf } from '../gather/rows.js'
import { programVersion } from '../gather/version.js'
import { workersOf } from '../gather/workers.js'
import { inlineArtifacts } from './artifacts.js'
import { fitting, leftOutWords, wantedFirst } from './share.js'

export type ReportStore = Pick<RunStore, 'directory' | 'run' | 'sweeps' | 'trials' | 'readArtifact'>

export interface Gathered {
  readonly data: ReportData
  /** Of each sweep, in their order. */
  readonly tables: readonly TrialTable[]
}

/** A sweep that was read whole. */
interface WholeSweep extends AnalysedSweep {
  readonly trials: readonly ChildRun[]
}

/** Metrics beside the objective's of which it is told what mattered. */
const furtherMetrics = 2
/** Parameters of which each two have a surface: those that mattered most. */
const pairedParameters = 4

export async function gatherReport(store: ReportStore, sweeps: readonly ParentRun[]): Promise<Gathered> {
  const reports: SweepReport[] = []
  const tables: TrialTable[] = []
  for (const run of sweeps) {
    const searched = searchedParameters(run.spec)
    const trials = await store.trials(run.id)
    const whole = { run, trials, judging: await judgingOf(store, run) }
    const table = tableOf(searched, trials)
    const head = headOf(run, searched, table, whole.judging, workersOf(trials))
    const insights = await insightsOf(whole, head.metrics)
    tables.push(table)
    reports.push({
      head,
      insights,
      surfaces: surfacesOf(whole, insights[run.objective.metric]),
      ...(await detailsOf(store, whole, 1 / sweeps.length)),
    })
  }
  const made = new Date().toISOString()
  return { data: { made, version: programVersion(), store: store.directory, sweeps: reports }, tables }
}

async function detailsOf(
  store: ReportStore,
  { run, trials }: WholeSweep,
  share: number,
): Promise<Pick<SweepReport, 'trials' | 'steps' | 'artifacts' | 'leftOut'>> {
  const wanted = wantedFirst(run, trials)
  const taken = fitting(wanted, share)
  const kept = new Set(taken)
  const files = await inlineArtifacts(store, [run, ...wanted.filter((trial) => kept.has(trial))], share)
  return {
    trials: taken,
    steps: taken.map(({ trial, status, history }) => ({ trial, status, history })),
    artifacts: files.addresses,
    leftOut: leftOutWords(trials.length, taken.length, files.leftOut),
  }
}

/** Of the objective's metric, and of further ones whose better side is known. */
async function insightsOf(whole: WholeSweep, metrics: readonly string[]): Promise<Record<string, Insight>> {
  const [objective, ...others] = metrics
  const insights: Record<string, Insight> = { [objective]: await insightWith(whole) }
  for (const metric of others.filter((name) => !isFigure(name) && !name.endsWith('Std'))) {
    if (Object.keys(insights).length > furtherMetrics) break
    const insight = await insightOrNull(whole, metric)
    if (insight !== null && insight.parameters.length > 0) insights[metric] = insight
  }
  return insights
}

/** null where nobody says which of its values are better. */
async function insightOrNull(whole: WholeSweep, metric: string): Promise<Insight | null> {
  try {
    return await insightWith(whole, { metric })
  } catch (error) {
    if (isEspalierError(error) && error.code === 'USAGE') return null
    throw error
  }
}

function surfacesOf({ run, trials }: WholeSweep, insight: Insight): Record<string, Surface> {
  const { metric } = run.objective
  const names = insight.parameters.slice(0, pairedParameters).map(({ name }) => name)
  const pairs = [
    ...insight.pairs.map(({ x, y }) => [x, y]),
    ...names.flatMap((x, i) => names.slice(i + 1).map((y) => [x, y])),
  ]
  const surfaces: Record<string, Surface> = {}
  for (const [x, y] of pairs) {
    const key = surfaceKey(metric, x, y)
    const surface = Object.hasOwn(surfaces, key) ? null : surfaceOf(run, trials, x, y, metric)
    if (surface === null) continue
    surfaces[key] = surface
    surfaces[surfaceKey(metric, y, x)] = turned(surface)
  }
  return surfaces
}

/** The same with its axes exchanged: it may be asked for by either order. */
function turned({ x, y, xAt, yAt, mean, deviation }: Surface): Surface {
  const columns = (rows: readonly (readonly number[])[]) => xAt.map((_, i) => rows.map((row) => row[i]))
  return { x: y, y: x, xAt: yAt, yAt: xAt, mean: columns(mean), deviation: columns(deviation) }
}
