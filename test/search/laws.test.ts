import { searcherLaws } from '../laws/searcher.js'

searcherLaws(
  'grid',
  (overrides) => ({ algorithm: 'grid', seed: 0, trials: null, parallel: 1, ...overrides }),
  {
    grid: true,
  },
)
searcherLaws('random', (overrides) => ({
  algorithm: 'random',
  seed: 0,
  trials: null,
  parallel: 1,
  ...overrides,
}))
searcherLaws('sobol', (overrides) => ({
  algorithm: 'sobol',
  seed: 0,
  trials: null,
  parallel: 1,
  ...overrides,
}))
