/**
 * Metrics in a result that a program gives as JSON: its numbers by name, those of objects inside by the names on their way
 * (`eval.loss`). Texts, lists, truth values and nulls are no metrics, and passed over.
 */
import { nearestHint } from '../../spelling.js'
import { isJsonObject, type Metrics } from '../../values.js'
import { FitFailure } from '../failures.js'
import { jsonOf, shown } from './protocol.js'

/** Levels of objects in objects that are looked into. */
const deepest = 8

/**
 * @param where whose it is, for messages.
 * @param wanted the metric that must be there, with a number; null: none must.
 */
export function metricsInJson(text: string, where: string, wanted: string | null): Metrics {
  let read: unknown
  try {
    read = jsonOf(text)
  } catch (error) {
    throw invalid(
      `a result must be JSON (${where} is none: ${(error as Error).message}; it begins ${shown(text)})`,
    )
  }
  if (!isJsonObject(read))
    throw invalid(`a result must be an object, like {"loss": 0.2} (${where} is ${shown(text)})`)
  const metrics: Record<string, number> = {}
  const others = new Map<string, unknown>()
  gather(read, '', deepest, (name, value) => {
    if (typeof value !== 'number') others.set(name, value)
    else if (Object.hasOwn(metrics, name))
      throw invalid(
        `a result has each metric once (${where} has "${name}" twice, by itself and inside an object)`,
      )
    else metrics[name] = value
  })
  if (wanted === null || Object.hasOwn(metrics, wanted)) return metrics
  if (others.has(wanted))
    throw invalid(
      `the objective's metric must be a number (${where} has "${wanted}" as ${shown(JSON.stringify(others.get(wanted)))})`,
    )
  const names = Object.keys(metrics)
  const hint =
    names.length === 0 ? `; it has no number: ${shown(text)}` : nearestHint(wanted, names, 'it has')
  throw invalid(`the objective's metric must be in the result (${where} has no "${wanted}")${hint}`)
}

function gather(
  object: object,
  before: string,
  deeper: number,
  found: (name: string, value: unknown) => void,
): void {
  for (const [key, value] of Object.entries(object)) {
    const name = before + key
    if (isJsonObject(value) && deeper > 1) gather(value, `${name}.`, deeper - 1, found)
    else found(name, value)
  }
}

function invalid(law: string): FitFailure {
  return new FitFailure('RESULT_INVALID', law)
}
