/** The laws between the keys of `validation`. */
import type { Problem } from '../errors.js'
import { isJsonObject } from '../values.js'
import { show } from './wording.js'

/** Keys that belong to a scheme the file does not ask for. */
export function validationProblems(validation: unknown): Problem[] {
  if (!isJsonObject(validation)) return []
  const { scheme } = validation
  const found = scheme === undefined ? 'no scheme is stated' : `the scheme is ${show(scheme)}`
  const belongs = (key: string, fits: boolean, law: string): Problem[] =>
    validation[key] === undefined || fits
      ? []
      : [{ path: `validation.${key}`, message: `${show(key)} is for ${law} (${found}); leave it out` }]
  return [
    ...belongs('folds', scheme !== 'split', 'every scheme but "split", which has one'),
    ...belongs('repeats', scheme === 'repeated-k-fold', 'the scheme "repeated-k-fold"'),
    ...belongs('fraction', scheme === 'split', 'the scheme "split"'),
    ...belongs(
      'stratified',
      scheme !== 'time-series' || validation.stratified !== true,
      'rows that are shuffled',
    ),
  ]
}
