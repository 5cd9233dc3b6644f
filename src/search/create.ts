/** The door to the searchers: settings → a searcher. */
import { EspalierError, type Problem } from '../errors.js'
import type { Space } from '../space/index.js'
import { frameSearcher, type Proposer } from './frame.js'
import { createGridProposer } from './grid.js'
import { createRandomProposer } from './random.js'
import { createSobolProposer } from './sobol.js'
import type { FixingSearcher, SearchSettings } from './types.js'

/**
 * Dimensions of a Bayesian search that are promised to work: a fit of 256 trials takes three seconds there, and the
 * record of one is 150 kB. Both grow with the dimensions.
 */
export const mostModelled = 2000

/** The algorithms of `settings.algorithm`. */
const searchAlgorithms = ['grid', 'random', 'sobol', 'bayesian'] as const

/**
 * The searcher for these settings. Throws USAGE, with every mistake, where a setting is not what it should be
 * or `enqueue` or `warmStart` holds params that are not possible in the space.
 */
export async function createSearcher(space: Space, settings: SearchSettings): Promise<FixingSearcher> {
  checkSettings(space, settings)
  return frameSearcher(space, settings, await createProposer(space, settings), (view) =>
    createProposer(view, { ...settings, enqueue: [] }),
  )
}

async function createProposer(space: Space, settings: SearchSettings): Promise<Proposer> {
  switch (settings.algorithm) {
    case 'grid':
      return createGridProposer(space)
    case 'random':
      return createRandomProposer(space, settings.seed)
    case 'sobol':
      return createSobolProposer(space, settings)
    case 'bayesian': {
      // Loaded only where it is used: it reads and compiles the WebAssembly loops.
      const { createBayesianProposer } = await import('./bayesian.js')
      return createBayesianProposer(space, settings)
    }
  }
}

function checkSettings(space: Space, settings: SearchSettings): void {
  const problems: Problem[] = []
  const law = (holds: boolean, path: string, message: string) => {
    if (!holds) problems.push({ path, message })
  }
  const { algorithm, seed, parallel, replicates = 1, warmStart = [] } = settings
  law(
    searchAlgorithms.includes(algorithm),
    'algorithm',
    `must be one of ${searchAlgorithms.join(', ')} (got ${JSON.stringify(algorithm)})`,
  )
  law(
    Number.isSafeInteger(seed) && seed >= 0,
    'seed',
    `must be a whole number from 0 to 2^53 - 1 (got ${seed})`,
  )
  law(Number.isSafeInteger(parallel) && parallel >= 1, 'parallel', `must be at least 1 (got ${parallel})`)
  law(
    Number.isSafeInteger(replicates) && replicates >= 1,
    'replicates',
    `must be at least 1 (got ${replicates})`,
  )
  warmStart.forEach(({ params, value }, i) => {
    for (const { path, message } of space.check(params))
      law(false, `warmStart[${i}]${path && `.${path}`}`, message)
    law(Number.isFinite(value), `warmStart[${i}].value`, `must be a finite number (got ${value})`)
  })
  if (problems.length === 0) return
  throw new EspalierError(
    'USAGE',
    `the settings of a search must keep its rules: ${problems.map((p) => `${p.path}: ${p.message}`).join('; ')}`,
    { problems },
  )
}
