/** The rules of what a store is asked, checked at its border. */
import { abortSignal, anything, oneOf, type Rule, type Rules, text, wholeNumber } from '../arguments.js'
import { isRunId } from './ids.js'
import type { AskOptions, BestFilter, PruneFilter, RunFilter, RunQuery, WatchOptions } from './types.js'

const filterRules: Rules<RunFilter> = {
  experiment: text,
  sweep: text,
  status: oneOf('running', 'finished', 'failed', 'pruned', 'interrupted'),
}

/** `where` and `orderBy` have a language of their own, and errors of their own. */
export const queryRules: Rules<RunQuery> = {
  ...filterRules,
  where: anything,
  orderBy: anything,
  limit: wholeNumber(0),
}

export const bestRules: Rules<BestFilter> = {
  ...filterRules,
  metric: text,
  direction: oneOf('minimize', 'maximize'),
}

export const watchRules: Rules<WatchOptions> = {
  place: anything,
  signal: anything,
  every: wholeNumber(1),
}

export const askRules: Rules<AskOptions> = {
  by: anything,
  signal: abortSignal,
  patience: wholeNumber(1),
}

/** An empty one begins every id, and is answered with them. */
export const runId: Rule = { law: 'a text', keeps: (value) => typeof value === 'string' }
export const wholeRunId: Rule = {
  law: '16 hexadecimal digits',
  keeps: (value) => typeof value === 'string' && isRunId(value),
}
export const idList: Rule = { law: 'a list of ids', keeps: Array.isArray }
export const exportFormat = oneOf('csv', 'json')
export const tagValue: Rule = {
  law: 'a text, or null to take it away',
  keeps: (value) => value === null || typeof value === 'string',
}

export const pruneRules: Rules<PruneFilter> = {
  experiment: text,
  status: oneOf('finished', 'failed', 'interrupted'),
  olderThan: wholeNumber(0),
  sweeps: idList,
}
