/** Our own searchers behind the peers' interface. */

import type { ObservedTrial } from '../../src/search/index.js'
import { createSearcher, type PendingTrial, type SearchSettings } from '../../src/search/index.js'
import { createSpace } from '../../src/space/index.js'
import type { Peer } from './peers.js'

export async function openOwn(
  algorithm: SearchSettings['algorithm'],
  parameters: Readonly<Record<string, unknown>>,
  seed: number,
  parallel: number,
  trials: number,
): Promise<Peer> {
  const space = createSpace(parameters as Parameters<typeof createSpace>[0])
  const searcher = await createSearcher(space, { algorithm, seed, parallel, trials })
  const suggested: PendingTrial[] = []
  const known: ObservedTrial[] = []
  return {
    async ask() {
      const trial = suggested.length
      const start = process.cpuUsage()
      const suggestion = await searcher.suggest(
        { directions: ['minimize'], trials: known, pending: suggested.slice(known.length) },
        trial,
      )
      const { user, system } = process.cpuUsage(start)
      const milliseconds = (user + system) / 1000
      if (suggestion === null) throw new Error('a space of the bench is exhausted')
      suggested.push({ trial, ...suggestion })
      return { trial, params: suggestion.params, milliseconds }
    },
    async tell(trial, value) {
      known.push({ ...suggested[trial], outcome: 'finished', values: [value] })
    },
    close: () => void searcher.close?.(),
  }
}
