/** What can be said of a search before its first trial: whether it can be done, and which entries of `enqueue` it passes over. */
import { EspalierError } from '../errors.js'
import { createSearcher, mostModelled, type SearchSettings } from '../search/index.js'
import type { Space, SweepFile } from '../space/index.js'
import { defaultAlgorithm, seedOf } from './spec/file.js'

/** Throws SPACE_INVALID where the space has more parameters than the Bayesian search can do with. */
export function refuseManyDimensions(space: Space, algorithm = defaultAlgorithm): void {
  const searched = space.dimensions.length
  if (algorithm !== 'bayesian' || searched <= mostModelled) return
  const path = 'search.algorithm'
  const message = `the Bayesian search takes at most ${mostModelled} parameters that are no constants (got ${searched}), as its model takes time and memory for each; choose "random" or "sobol", or make some of them constants`
  throw new EspalierError('SPACE_INVALID', `${message} at ${path}`, { problems: [{ path, message }] })
}

/** A warning for each entry of `enqueue` that gets no trial of its own, partial ones as they are completed. */
export async function passedOverWarnings(
  { space, search = {} }: SweepFile,
  warmStart: SearchSettings['warmStart'] = [],
): Promise<string[]> {
  const { enqueue = [], algorithm = defaultAlgorithm, replicates = 1 } = search
  if (enqueue.length + Math.min(warmStart.length, enqueue.length) < 2) return []
  const settings = { algorithm, seed: seedOf({ search }), trials: null, parallel: 1, enqueue, warmStart }
  const searcher = await createSearcher(space, settings)
  const passedOver = searcher.passedOver()
  await searcher.close?.()
  const without = new Set(passedOver.map(({ entry }) => entry))
  const trialOf = (entry: number) =>
    replicates * enqueue.slice(0, entry).filter((_, before) => !without.has(before)).length
  return passedOver.map(({ entry, duplicateOf }) => {
    const same =
      duplicateOf === null
        ? 'a result of the warm start'
        : `search.enqueue[${duplicateOf}], which is trial ${trialOf(duplicateOf)}`
    return `search.enqueue[${entry}] has the same params as ${same}: it gets no trial of its own, and the entries behind it move up by one`
  })
}
