/**
 * What a thread hands over is checked on this side of it: a module shares the thread with the code that speaks for it,
 * and may have changed what that is built on (`performance.now`, `Number.isFinite`, the iterator of arrays). What is
 * not as agreed fails its fit, and no more.
 */
import { codes, type FailureCode } from '../errors.js'
import type { FitArtifact, FitNote, FitResult } from '../training/index.js'
import { isJsonObject, type JsonValue, type Metrics } from '../values.js'
import type { CheckpointStart } from './checkpoint-files.js'
import { FitOutput } from './output.js'
import { failure } from './perform.js'
import { clip, describeThrown } from './thrown.js'
import type { FitLeavings, FitOutcome } from './types.js'

/** Metrics of one fit or report. */
const mostMetrics = 10_000
const mostNotes = 1000

/** A law that something handed over does not keep. */
class Broken extends Error {}

/** A reply to the task of a fit: its outcome, and whether no other fit shall run in the thread. */
export interface CheckedReply {
  readonly outcome: FitOutcome
  readonly spoilt: boolean
}

/** @param seconds since the fit began, by the clock of this side. */
export function checkReply(reply: unknown, seconds: number): CheckedReply {
  const { outcome, spoilt } = isJsonObject(reply) ? reply : {}
  try {
    return { outcome: asAgreed(outcome, seconds), spoilt: spoilt === true }
  } catch (error) {
    return { outcome: notAsAgreed(error, seconds), spoilt: true }
  }
}

/** The outcome as agreed, or the failure that it is none. */
export function checkOutcome(outcome: unknown, seconds: number): FitOutcome {
  try {
    return asAgreed(outcome, seconds)
  } catch (error) {
    return notAsAgreed(error, seconds)
  }
}

function notAsAgreed(error: unknown, seconds: number): FitOutcome {
  const found = error instanceof Broken ? error.message : describeThrown(error)
  const reason = `what a trainer hands over must be what was agreed (${found}); does it change built-in objects, such as Number, Array or performance?`
  return failure('RESULT_INVALID', reason, seconds)
}

/** Whether a report that a thread passes on is one. */
export function isReport(step: unknown, metrics: unknown): metrics is Metrics {
  if (typeof step !== 'number' || !Number.isFinite(step) || !isJsonObject(metrics)) return false
  const entries = Object.entries(metrics)
  return entries.length <= mostMetrics && entries.every(([, value]) => Number.isFinite(value))
}

function asAgreed(given: unknown, seconds: number): FitOutcome {
  const outcome = object(given, 'the outcome')
  const leavings = checkLeavings(outcome)
  switch (outcome.status) {
    case 'finished':
      return { status: 'finished', result: checkResult(outcome.result), ...leavings }
    case 'pruned': {
      const { result, log } = outcome
      const pruned = { status: 'pruned' as const, result: result === null ? null : checkResult(result) }
      return { ...pruned, ...(log !== undefined && { log: checkLog(log) }), ...leavings }
    }
    case 'aborted':
      return { status: 'aborted', ...leavings }
    case 'failed': {
      const { code, reason, log } = outcome
      if (typeof code !== 'string' || !Object.hasOwn(codes.failures, code))
        throw new Broken(`the failure's code is ${show(code)}`)
      if (typeof reason !== 'string') throw new Broken(`the failure's reason is ${show(reason)}`)
      const failed = { status: 'failed' as const, code: code as FailureCode, reason: clip(reason) }
      // A clock of this side's: the other one may be anything.
      return { ...failed, seconds, ...(log !== undefined && { log: checkLog(log) }), ...leavings }
    }
    default:
      throw new Broken(`the outcome's status is ${show(outcome.status)}`)
  }
}

function checkResult(given: unknown): FitResult {
  const { metrics, fitSeconds, predictSeconds, predictions, model, log } = object(given, 'the result')
  return {
    metrics: checkMetrics(metrics),
    fitSeconds: checkSeconds(fitSeconds, 'fitSeconds'),
    predictSeconds: checkSeconds(predictSeconds, 'predictSeconds'),
    predictions: predictions === null ? null : checkPredictions(predictions),
    model: model === null ? null : checkModel(model),
    log: checkLog(log),
  }
}

function checkMetrics(given: unknown): Metrics {
  const metrics = object(given, 'the metrics')
  const entries = Object.entries(metrics)
  if (entries.length > mostMetrics) throw new Broken(`there are ${entries.length} metrics`)
  for (const [name, value] of entries)
    if (!Number.isFinite(value)) throw new Broken(`the metric "${clip(name)}" is ${show(value)}`)
  return metrics as Metrics
}

function checkSeconds(given: unknown, name: string): number {
  if (typeof given === 'number' && Number.isFinite(given) && given >= 0) return given
  throw new Broken(`${name} is ${show(given)}`)
}

function checkPredictions(given: unknown): NonNullable<FitResult['predictions']> {
  const { rows, values, probabilities } = object(given, 'the predictions')
  if (!(rows instanceof Int32Array)) throw new Broken('the rows of the predictions are no Int32Array')
  if (!(values instanceof Float64Array) || values.length !== rows.length)
    throw new Broken(`the predictions are not one number for each of the ${rows.length} rows`)
  if (probabilities === null) return { rows, values, probabilities }
  if (!(probabilities instanceof Float64Array) || probabilities.length % Math.max(1, rows.length) !== 0)
    throw new Broken(`the probabilities are not as many for each of the ${rows.length} rows`)
  return { rows, values, probabilities }
}

/** Plain JSON: a thread can hand over more than that (a Map, undefined, cycles). */
function checkModel(given: unknown): JsonValue {
  object(given, 'the model')
  try {
    return JSON.parse(JSON.stringify(given)) as JsonValue
  } catch (error) {
    throw new Broken(`the model is no plain JSON: ${(error as Error).message}`)
  }
}

function checkLog(given: unknown): readonly string[] {
  if (!Array.isArray(given)) throw new Broken(`the log is ${show(given)}`)
  if (given.length === 0) return []
  const output = new FitOutput()
  for (const line of given) output.log(String(line))
  return output.lines()
}

function checkLeavings({ artifacts, notes, continued }: Readonly<Record<string, unknown>>): FitLeavings {
  const leavings: {
    artifacts?: readonly FitArtifact[]
    notes?: readonly FitNote[]
    continued?: readonly CheckpointStart[]
  } = {}
  if (continued !== undefined) leavings.continued = list(continued, 'where it went on').map(checkStart)
  if (artifacts !== undefined) leavings.artifacts = list(artifacts, 'the artifacts').map(checkArtifact)
  if (notes !== undefined) leavings.notes = list(notes, 'the notes').slice(0, mostNotes).map(checkNote)
  return leavings
}

function checkStart(given: unknown): CheckpointStart {
  const { attempt, step } = object(given, 'where it went on')
  if (typeof attempt === 'number' && typeof step === 'number' && Number.isFinite(attempt + step))
    return { attempt, step }
  throw new Broken('where it went on is no step of an attempt')
}

function checkArtifact(given: unknown): FitArtifact {
  const { name, content } = object(given, 'an artifact')
  if (typeof name === 'string' && content instanceof Uint8Array) return { name, content }
  throw new Broken(`an artifact is no file (${show(name)})`)
}

function checkNote(given: unknown): FitNote {
  const { about, message } = object(given, 'a note')
  if (typeof about === 'string' && typeof message === 'string')
    return { about: clip(about), message: clip(message) }
  throw new Broken('a note is no text')
}

function object(given: unknown, what: string): Readonly<Record<string, unknown>> {
  if (isJsonObject(given)) return given
  throw new Broken(`${what} is ${show(given)}`)
}

function list(given: unknown, what: string): readonly unknown[] {
  if (Array.isArray(given)) return given
  throw new Broken(`${what} are ${show(given)}`)
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(clip(value))
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
