/**
 * The best few trials of a sweep as one model: chosen by their out-of-fold predictions (training/judging/ensemble-selection.ts), fitted
 * as their final models are, kept with the sweep. A function of the record, so that a sweep that is repeated comes to the same.
 */
import { signatureOf } from '../data/index.js'
import type { Executor } from '../execution/index.js'
import { artifactNames } from '../names.js'
import type { ChildRun, RunStore, SweepWriter } from '../tracking/index.js'
import {
  type FitResult,
  hasHoldout,
  importancesOf,
  judgedTable,
  labelsOf,
  type OutOfFold,
  outOfFoldTruth,
  rowsOf,
  type StoredMember,
  saveModel,
  selectEnsemble,
  type Truth,
  tableOf,
  unpackOutOfFold,
} from '../training/index.js'
import { isBetter, isJsonObject, type JsonObject, type JsonValue, type Metrics } from '../values.js'
import { answeringBy, thresholdFor } from './judged.js'
import type { PreparedSweep } from './prepare.js'
import type { ChosenThreshold, EnsembleResult } from './types.js'

/** Numbers of the candidates' tables that are held at a time: 200 megabytes. */
const mostNumbers = 25e6
const mostCandidates = 50

export interface EnsembleParts {
  readonly prepared: PreparedSweep
  readonly store: RunStore
  readonly writer: SweepWriter
  readonly executor: Executor
  /** Aborted: nobody waits for it any more. */
  readonly signal: AbortSignal
  note(message: string): void
}

/** null where there is none, and a note says why. Rejects with the signal's reason where it was stopped. */
export async function makeEnsemble(parts: EnsembleParts): Promise<EnsembleResult | null> {
  const { prepared, store, writer, note } = parts
  const { plan, spec, judging } = prepared
  const metric = judging.objective!
  const { truth, groups: rows } = outOfFoldTruth(plan)
  const width = truth.kind === 'classes' ? truth.classes : 1
  const runs = await candidatesOf(parts, Math.floor(mostNumbers / (rows.length * width)))
  const candidates: { run: ChildRun; predicted: OutOfFold }[] = []
  for (const run of runs) {
    const text = new TextDecoder().decode(await store.readArtifact(run, artifactNames.outOfFold))
    const predicted = unpackOutOfFold(text)
    const fits = predicted.values.length === rows.length
    if (fits && !(metric.needsProbabilities && predicted.probabilities == null))
      candidates.push({ run, predicted })
  }
  if (candidates.length < 2) {
    note(
      `there is no ensemble: of ${runs.length} finished trials ${candidates.length === 1 ? 'one has' : 'none has'} the predictions it would be chosen by`,
    )
    return null
  }
  const { counts, value, estimate, table } = await selectEnsemble({
    metric,
    direction: spec.objective.direction,
    truth,
    folds: entriesOfFolds(prepared),
    groups: rows,
    candidates: candidates.map(({ predicted }) => predicted),
    rounds: spec.ensemble!,
    signal: parts.signal,
  })
  const chosen = candidates.flatMap(({ run, predicted }, k) =>
    counts[k] === 0 ? [] : [{ run, weight: counts[k], predicted }],
  )
  const fitted = await fittedMembers(chosen, parts)
  if (fitted === null) return null
  const holdout = await onHoldout(chosen, truth, parts)
  const state = {
    members: chosen.map(({ run, weight }, i) => ({ trial: run.trial, weight, ...fitted.members[i] })),
  }
  const model = saveModel(
    { kind: 'ensemble' },
    signatureOf(plan.data!),
    state as unknown as JsonValue,
    fitted.importances,
  )
  const threshold = ensembleThreshold(prepared, chosen, table, note)
  await writer.artifact(null, artifactNames.ensemble, JSON.stringify(answeringBy(threshold, model)))
  const named = (what: string) =>
    `ensemble${what}${spec.objective.metric[0].toUpperCase()}${spec.objective.metric.slice(1)}`
  const holdoutValue = holdout?.[spec.objective.metric.replace(/^pooled:/, '')]
  await writer.annotate(null, {
    metrics: {
      [named('')]: Number.isNaN(value) ? null : value,
      [named('Estimate')]: estimate,
      [named('Holdout')]: holdoutValue ?? null,
    },
  })
  if (chosen.length === 1)
    note('no average of the trials is better than the best of them alone: the ensemble is that one')
  return {
    members: chosen.map(({ run, weight }) => ({ run: run.id, trial: run.trial, weight })),
    value,
    estimate,
    holdout,
    threshold,
  }
}

/** The threshold that is best on what the ensemble answers to the rows it was chosen by; null where none is asked for. */
function ensembleThreshold(
  prepared: PreparedSweep,
  chosen: readonly Chosen[],
  table: Float64Array,
  note: EnsembleParts['note'],
): ChosenThreshold | null {
  if (prepared.spec.threshold === null) return null
  const without = chosen.filter(({ predicted }) => predicted.probabilities == null)
  if (without.length > 0) {
    const trials = without.map(({ run }) => run.trial).join(', ')
    note(`the ensemble has no threshold: models of its members have no probabilities (trials ${trials})`)
    return null
  }
  return thresholdFor(prepared, { values: labelsOf(table, 2), probabilities: table })
}

/** The finished trials with predictions on record, the best first. */
async function candidatesOf(
  { prepared: { spec }, store, writer, note }: EnsembleParts,
  most: number,
): Promise<ChildRun[]> {
  const { metric, direction } = spec.objective
  const finished = (await store.trials(writer.id)).filter(
    ({ status, artifacts }) =>
      status === 'finished' && artifacts.some(({ name }) => name === artifactNames.outOfFold),
  )
  const better = (a: ChildRun, b: ChildRun) =>
    isBetter(a.values[metric], b.values[metric], direction)
      ? -1
      : isBetter(b.values[metric], a.values[metric], direction)
        ? 1
        : a.trial - b.trial
  const room = Math.min(mostCandidates, Math.max(2, most))
  if (finished.length > room)
    note(`the ensemble is chosen among the best ${room} of ${finished.length} trials`)
  return finished.sort(better).slice(0, room)
}

/** Where the entries of each fold stand among those of all. */
function entriesOfFolds({ plan }: PreparedSweep): Int32Array[] {
  const folds: Int32Array[] = []
  let at = 0
  for (let fold = 0; fold < plan.resampling!.folds; fold++) {
    const { length } = rowsOf(plan.resampling!, { kind: 'fold', fold })
    folds.push(Int32Array.from({ length }, (_, i) => at + i))
    at += length
  }
  return folds
}

interface Chosen {
  readonly run: ChildRun
  readonly weight: number
  readonly predicted: OutOfFold
}

/** Their final models: as they are kept, or fitted now. null where one cannot be fitted. */
async function fittedMembers(
  chosen: readonly Chosen[],
  parts: EnsembleParts,
): Promise<{
  members: Omit<StoredMember, 'weight'>[]
  importances: ReturnType<typeof importancesOf>
} | null> {
  const models = await Promise.all(chosen.map(({ run }) => finalModel(run, parts)))
  const found = models.filter((model) => model !== null)
  if (found.length < models.length) return null
  return {
    members: found.map(({ trainer, state }) => ({ trainer: trainer as JsonObject, state: state! })),
    importances: importancesOf(
      found.map(({ importances }, i) => ({
        weight: chosen[i].weight,
        importances: (importances as never) ?? null,
      })),
    ),
  }
}

async function finalModel(run: ChildRun, parts: EnsembleParts): Promise<JsonObject | null> {
  if (run.artifacts.some(({ name }) => name === artifactNames.model))
    return JSON.parse(new TextDecoder().decode(await parts.store.readArtifact(run, artifactNames.model)))
  const result = await fit(run, 'final', parts)
  return result !== null && isJsonObject(result.model) ? result.model : null
}

async function fit(
  { trial, params }: ChildRun,
  kind: 'final' | 'holdout',
  { prepared: { spec }, executor, signal, note }: EnsembleParts,
): Promise<FitResult | null> {
  const timeLimit = spec.trialTimeout ?? Number.POSITIVE_INFINITY
  const outcome = await executor.run({ trial, attempt: 0, part: { kind }, params, timeLimit }, { signal })
  if (outcome.status === 'finished') return outcome.result
  signal.throwIfAborted()
  if (outcome.status === 'failed')
    note(`there is no ensemble: trial ${trial} could not be fitted again: ${outcome.code}: ${outcome.reason}`)
  return null
}

/** What the average comes to on the rows that no trial saw. */
async function onHoldout(
  chosen: readonly Chosen[],
  truth: Truth,
  parts: EnsembleParts,
): Promise<Metrics | null> {
  const { plan } = parts.prepared
  if (!hasHoldout(plan.resampling!)) return null
  const results = await Promise.all(chosen.map(({ run }) => fit(run, 'holdout', parts)))
  const total = chosen.reduce((sum, { weight }) => sum + weight, 0)
  let mean: Float64Array | null = null
  for (const [i, result] of results.entries()) {
    const predictions = result?.predictions ?? null
    if (predictions === null) return null
    const { values, probabilities } = predictions
    const table = tableOf({ values, probabilities }, truth)
    mean ??= new Float64Array(table.length)
    for (let j = 0; j < table.length; j++) mean[j] += (chosen[i].weight * table[j]) / total
  }
  const complete = results.every(
    (result) => truth.kind === 'numbers' || result!.predictions!.probabilities !== null,
  )
  return judgedTable(plan, mean!, rowsOf(plan.resampling!, { kind: 'holdout' }), complete)
}
