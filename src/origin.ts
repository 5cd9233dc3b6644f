/** Where a trial's params come from, in plain words; the record holds it as the searcher's own JSON. */

import { deviation, number, value } from './format.js'
import { plain } from './shown.js'
import { isJsonObject, type JsonObject, type JsonValue } from './values.js'

/** Whether another tool ran a sweep that is on record so: nothing of it can be trained again, and no model is here. */
export function isImported({ trainer }: JsonObject): boolean {
  return isJsonObject(trainer) && trainer.kind === 'elsewhere'
}

/** One line, e.g. `point 12 of the Sobol sequence`. Rules not known here are shown with their fields. */
export function originInWords(origin: JsonValue | undefined): string {
  if (!isJsonObject(origin)) return 'not recorded'
  const { rule, ...rest } = origin
  const at = (name: string) => (typeof rest[name] === 'number' ? number(rest[name]) : '?')
  switch (rule) {
    case 'grid':
      return `cell ${at('cell')} of the grid`
    case 'random':
      return rest.draw === 0
        ? 'drawn at random'
        : `drawn at random, at draw ${at('draw')} (earlier ones had been tried)`
    case 'sobol':
      return `point ${at('index')} of the Sobol sequence`
    case 'enumeration':
      return 'one of the few settings not yet tried'
    case 'enqueued':
      return `asked for: entry ${at('index')} of search.enqueue`
    case 'requested':
      return `asked for while the sweep ran, by ${person(rest.by)}`
    case 'centre':
      return 'the centre of the space, to begin with'
    case 'initial':
      return `point ${at('index')} of the Sobol sequence, before there is enough to model`
    case 'fallback':
      return `point ${at('index')} of the Sobol sequence, because the model gave nothing: ${value(rest.reason)}`
    case 'expected-improvement':
      return `expected improvement over ${at('over')}${tied(rest.ties)}: predicted ${prediction(rest.predicted)}, from ${at('observations')} trials`
    case 'elsewhere':
      return typeof rest.tool === 'string'
        ? `imported from ${rest.tool === 'optuna' ? 'Optuna' : rest.tool === 'csv' ? 'a table' : plain(rest.tool)}, which does not say why`
        : 'told from elsewhere: this search did not suggest it'
    default:
      return `${value(rule)}${fields(rest)}`
  }
}

function person(by: JsonValue | undefined): string {
  return isJsonObject(by) ? `${value(by.user)} on ${value(by.host)}` : 'nobody known'
}

/** The value to improve on is then a step beyond the best one. */
function tied(ties: JsonValue | undefined): string {
  return typeof ties === 'number' && ties > 1 ? `, beyond the best value that ${ties} settings share` : ''
}

function prediction(predicted: JsonValue | undefined): string {
  if (!isJsonObject(predicted) || typeof predicted.mean !== 'number') return '?'
  const spread = predicted.deviation
  return `${number(predicted.mean)}${typeof spread === 'number' ? ` ± ${deviation(spread)}` : ''}`
}

function fields(rest: JsonObject): string {
  const shown = Object.entries(rest).map(([name, given]) => `${name} ${value(given)}`)
  return shown.length === 0 ? '' : ` (${shown.join(', ')})`
}
