/** What was asked of a sweep while it ran, and what became of it, in words. */
import type { Act, AnsweredRequest } from '../tracking/index.js'
import { count, paramsLine } from './format.js'
import { plain } from './output.js'

/** `extend by 5 trials: it comes to 25 trials`; `stop: refused, …`. */
export function requestInWords({ act, outcome, message }: AnsweredRequest): string {
  return `${actInWords(act)}: ${outcome === 'done' ? '' : 'refused, '}${plain(message)}`
}

function actInWords(act: Act): string {
  switch (act.kind) {
    case 'stop':
      return 'stop'
    case 'extend':
      return `extend by ${count(act.by, 'trial')}`
    case 'enqueue':
      return `try ${paramsLine(act.params)}`
    case 'end-trial':
      return `end trial ${act.trial}`
    case 'tag':
      return `tag ${act.trial === null ? 'it' : `trial ${act.trial}`}`
    case 'note':
      return `note on ${act.trial === null ? 'it' : `trial ${act.trial}`}`
  }
}
