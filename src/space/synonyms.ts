/** The key or value of a sweep file that a wrong one most likely meant. */
import { nearestName } from '../spelling.js'

/** Words of other programs for a key, a type or a value, by what it is called here. */
const synonyms: Readonly<Record<string, string>> = {
  low: 'min',
  lower: 'min',
  minimum: 'min',
  high: 'max',
  upper: 'max',
  maximum: 'max',
  choices: 'values',
  options: 'values',
  items: 'values',
  enum: 'values',
  distribution: 'type',
  kind: 'type',
  log: 'scale',
  prior: 'scale',
  q: 'step',
  quantization: 'step',
  condition: 'when',
  conditions: 'when',
  space: 'parameters',
  params: 'parameters',
  dataset: 'data',
  path: 'file',
  goal: 'direction',
  cv: 'validation',
  method: 'algorithm',
  sampler: 'algorithm',
  searcher: 'algorithm',
  budget: 'trials',
  integer: 'int',
  number: 'float',
  real: 'float',
  double: 'float',
  uniform: 'float',
  loguniform: 'float',
  log_uniform: 'float',
  choice: 'categorical',
  discrete: 'ordinal',
  fixed: 'constant',
  tpe: 'bayesian',
  gp: 'bayesian',
  bayes: 'bayesian',
  logarithmic: 'log',
  min: 'minimize',
  max: 'maximize',
}

/** The one of `known` that a wrong word most likely meant: another program's word for it, or the nearest in spelling. */
export function nearest(word: string, known: readonly string[]): string | null {
  const lower = word.toLowerCase()
  const synonym = Object.hasOwn(synonyms, lower) ? synonyms[lower] : undefined
  return synonym !== undefined && known.includes(synonym) ? synonym : nearestName(word, known)
}
