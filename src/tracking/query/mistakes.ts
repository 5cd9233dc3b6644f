/** What is wrong with a query, where, and what was most likely meant. */
import { EspalierError } from '../../errors.js'
import { nearestName } from '../../spelling.js'

/** @param at where in the text, from 0. */
export function mistake(text: string, at: number, what: string, remedy: string): EspalierError {
  const message = `${JSON.stringify(text)} cannot be understood at character ${at + 1}: ${what}; ${remedy}`
  return new EspalierError('QUERY_INVALID', message, {
    problems: [{ path: `character ${at + 1}`, message: `${what}; ${remedy}` }],
  })
}

/** `did you mean k?`, or what there is. */
export function meant(name: string, known: readonly string[], written = (one: string) => one): string {
  const near = nearestName(name, known)
  return near === null ? `choose from ${known.map(written).join(', ')}` : `did you mean ${written(near)}?`
}
