/** Numbers, values and counts in the sentences of findings. */
import { type ParamValue, textOf } from '../../values.js'

/** Four digits are enough to be told. */
export function figure(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
}

export function valueInWords(value: ParamValue): string {
  return typeof value === 'number' ? figure(value) : textOf(value)
}

/** Some of the trials that show it. */
export const mostShown = 10
