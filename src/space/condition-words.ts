/** When a parameter exists, in words. */
import { value } from '../format.js'
import { plain } from '../shown.js'
import type { Condition } from './types.js'

/** `kernel is rbf or poly and size is large`; empty: always. */
export function conditionInWords(when: Condition): string {
  return when
    .map(({ parent, values }) => `${plain(parent)} is ${values.map(value).join(' or ')}`)
    .join(' and ')
}
