/** Health: each finding on a sweep that was made to have it, and silence on ordinary sweeps. */
import { describe, expect, it } from 'vitest'
import { type Finding, insightOf } from '../../src/analysis/index.js'
import { importance, openStore, type SweepDefinition, type SweepOptions, sweep } from '../../src/index.js'
import type { ParametersJson } from '../../src/space/index.js'
import type { ChildRun, ParentRun } from '../../src/tracking/index.js'
import type { Params } from '../../src/values.js'
import { dataFile, temporaryDirectory } from '../launch/support.js'
import { recorded } from './support.js'

type Search = NonNullable<SweepDefinition['search']>

/** What is found in a sweep of this function; NaN: the trial throws. */
async function found(
  parameters: ParametersJson,
  value: (params: Params, trial: number) => number,
  search: Search = {},
): Promise<readonly Finding[]> {
  const store = await temporaryDirectory()
  const definition: SweepDefinition = {
    name: 'made',
    objective: { metric: 'loss', direction: 'minimize' },
    search: { algorithm: 'random', trials: 40, ...search },
    parameters,
  }
  const run: SweepOptions['run'] = (params: Params, { trial }) => {
    const loss = value(params, trial)
    if (Number.isNaN(loss)) throw new Error('it cannot work here')
    return { loss }
  }
  const result = await sweep(definition, { store, run })
  const { health } = await importance(await openStore(store), result.run)
  return health
}

const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind)
const of = (findings: readonly Finding[], kind: Finding['kind']) =>
  findings.filter((one) => one.kind === kind)

const square: ParametersJson = {
  x: { type: 'float', min: 0, max: 1 },
  y: { type: 'float', min: 0, max: 1 },
}
const bowl = ({ x, y }: Params) => ((x as number) - 0.4) ** 2 + ((y as number) - 0.6) ** 2

describe('a best at a bound of its range', () => {
  const parameters: ParametersJson = {
    rate: { type: 'float', min: 1e-3, max: 1, scale: 'log' },
    y: { type: 'float', min: 0, max: 1 },
  }
  const downhill = ({ rate, y }: Params) => Math.log10(rate as number) + ((y as number) - 0.5) ** 2

  it('is found on the side where it is, on the scale’s own unit', async () => {
    const [finding, ...others] = of(await found(parameters, downhill, { algorithm: 'bayesian' }), 'at-bound')
    expect(finding).toMatchObject({ parameter: 'rate', severity: 'warning' })
    expect(finding.message).toMatch(
      /^rate is best at the lower bound of its range \(0\.001\), and \d of the best 4 trials are near it$/,
    )
    expect(finding.remedy).toMatch(/further down/)
    expect(finding.trials.length).toBeGreaterThan(2)
    expect(others).toEqual([])
  })

  it('is found among whole numbers, and not among values that are only equal or not', async () => {
    const value = ({ n, kind }: Params) => -(n as number) + (kind === 'c' ? 0 : 8)
    const findings = await found(
      { n: { type: 'int', min: 1, max: 20 }, kind: { type: 'categorical', values: ['a', 'b', 'c', 'd'] } },
      value,
      { algorithm: 'bayesian', trials: 30 },
    )
    expect(of(findings, 'at-bound').map(({ parameter }) => parameter)).toEqual(['n'])
    expect(of(findings, 'at-bound')[0].message).toMatch(/upper bound of its range \(20\)/)
  })

  it('is not seen where the best lies inside', async () => {
    expect(kinds(await found(square, bowl, { algorithm: 'bayesian' }))).not.toContain('at-bound')
  })
})

describe('a parameter without effect', () => {
  it('is named, and no other', async () => {
    const findings = await found({ ...square, idle: { type: 'int', min: 1, max: 9 } }, bowl)
    expect(of(findings, 'no-effect').map(({ parameter }) => parameter)).toEqual(['idle'])
    expect(of(findings, 'no-effect')[0]).toMatchObject({
      severity: 'note',
      remedy: expect.stringMatching(/^fix idle/),
    })
  })

  it('is none that has one where the sweep is good, however little beside what spoils it elsewhere', async () => {
    const parameters: ParametersJson = { ...square, kind: { type: 'categorical', values: ['a', 'b', 'c'] } }
    const value = (params: Params) => (params.kind === 'a' ? 20 : 0) + bowl(params)
    expect(kinds(await found(parameters, value, { trials: 60 }))).not.toContain('no-effect')
  })
})

describe('failures that gather', () => {
  it('are found beyond a value of a parameter', async () => {
    const value = (params: Params) => ((params.x as number) > 0.7 ? Number.NaN : bowl(params))
    const [finding] = of(await found(square, value), 'failures-gather')
    expect(finding).toMatchObject({ parameter: 'x', severity: 'warning' })
    const [, failed, inside, from] =
      /^(\d+) of (\d+) trials with x from ([\d.]+) on failed, and \d of the \d+ others$/.exec(
        finding.message,
      )!
    expect(failed).toBe(inside)
    expect(Number(from)).toBeGreaterThan(0.7)
    expect(finding.remedy).toMatch(/look at one of them \(trial \d+\)/)
  })

  it('are found at a value of a list, and in two places', async () => {
    const parameters: ParametersJson = {
      ...square,
      kernel: { type: 'categorical', values: ['linear', 'rbf', 'poly'] },
    }
    const value = (params: Params) =>
      params.kernel === 'poly' || (params.y as number) < 0.25 ? Number.NaN : bowl(params)
    const findings = of(await found(parameters, value, { trials: 80 }), 'failures-gather')
    expect(findings.map(({ parameter }) => parameter).sort()).toEqual(['kernel', 'y'])
    expect(findings.find(({ parameter }) => parameter === 'kernel')!.message).toMatch(
      /trials with kernel poly failed/,
    )
  })

  it('are not seen where somebody ended the trials himself', async () => {
    const store = await temporaryDirectory()
    const definition: SweepDefinition = {
      name: 'ended',
      objective: { metric: 'loss', direction: 'minimize' },
      search: { algorithm: 'random', trials: 40 },
      parameters: square,
    }
    const { run } = await sweep(definition, {
      store,
      run: (params: Params) => {
        if ((params.x as number) > 0.7) throw new Error('it cannot work here')
        return { loss: bowl(params) }
      },
    })
    const opened = await openStore(store)
    const parent = (await opened.run(run)) as ParentRun
    const trials = await opened.trials(run)
    const ended = trials.map((one) =>
      one.error === null ? one : { ...one, error: { code: 'ENDED_BY_REQUEST', message: '' } },
    )
    expect(kinds(insightOf(parent, trials).health)).toContain('failures-gather')
    expect(kinds(insightOf(parent, ended as ChildRun[]).health)).not.toContain('failures-gather')
  })

  it('are not seen where trials fail by chance, or all of them', async () => {
    const byChance = await found(square, (params, trial) => (trial % 4 === 1 ? Number.NaN : bowl(params)), {
      trials: 80,
    })
    expect(kinds(byChance)).not.toContain('failures-gather')
    expect(kinds(await found(square, () => Number.NaN))).toEqual(['no-value'])
  })
})

describe('a plateau', () => {
  it('is a best that many params share', async () => {
    const coarse = (params: Params) => Math.max(0.2, Math.round(10 * bowl(params)) / 10)
    const [finding] = of(await found(square, coarse), 'plateau')
    expect(finding.message).toMatch(/^\d+ of 40 different params have the best loss, 0\.2$/)
    expect(finding.remedy).toMatch(/finer metric/)
  })

  it('is one value that many have, though it is not the best', async () => {
    const stuck = (params: Params) => ((params.x as number) < 0.5 ? 0.7 : bowl(params))
    const [finding] = of(await found(square, stuck), 'plateau')
    expect(finding.message).toMatch(/have the same loss, 0\.7$/)
  })

  it('is not seen where the same params are tried again', async () => {
    const findings = await found(
      { k: { type: 'int', min: 1, max: 12 } },
      ({ k }) => ((k as number) - 4) ** 2,
      {
        replicates: 4,
        trials: 48,
        algorithm: 'grid',
      },
    )
    expect(kinds(findings)).not.toContain('plateau')
  })
})

describe('a best that is no better than the baseline', () => {
  it('is found where the features say nothing, and not where they do', async () => {
    const store = await temporaryDirectory()
    const knn = {
      name: 'wine',
      trainer: 'knn-classifier',
      data: { file: dataFile('wine.csv'), target: 'cultivar' },
      validation: { folds: 4 },
      search: { algorithm: 'random', trials: 12 },
      parameters: { k: { type: 'int', min: 120, max: 130 } },
    } as const
    const opened = await openStore(store)
    const poor = await sweep(knn, { store })
    const { health } = await importance(opened, poor.run)
    expect(of(health, 'no-better-than-baseline')[0].message).toMatch(
      /^the best accuracy, 0\.\d+, is no better than .+ gives \(0\.\d+\)/,
    )
    const good = await sweep({ ...knn, parameters: { k: { type: 'int', min: 1, max: 20 } } }, { store })
    expect(kinds((await importance(opened, good.run)).health)).not.toContain('no-better-than-baseline')
  })
})

describe('a search that ended', () => {
  it('too early still got better', async () => {
    const better = (_: Params, trial: number) => 1 / (1 + trial)
    const [finding] = of(
      await found(square, (params, trial) => (trial < 33 ? 1 + bowl(params) : better(params, trial)), {}),
      'ended-early',
    )
    expect(finding).toMatchObject({ severity: 'note' })
    expect(finding.message).toMatch(/the last 8 of 40 trials took the best loss from/)
    expect(finding.remedy).toMatch(/resume it with 80 trials/)
  })

  it('late found nothing better for long', async () => {
    const value = (params: Params, trial: number) => (trial === 5 ? -1 : bowl(params))
    const findings = await found(square, value, { algorithm: 'bayesian', trials: 70 })
    expect(of(findings, 'ended-late')[0].message).toBe(
      'the last 64 of 70 trials found no better loss than trial 5',
    )
    // Of points that are drawn that says nothing.
    expect(kinds(await found(square, value, { trials: 70 }))).not.toContain('ended-late')
  })

  it('by itself is neither', async () => {
    const value = ({ k }: Params) => -(k as number)
    const findings = await found({ k: { type: 'int', min: 1, max: 12 } }, value, { trials: 40 })
    expect(kinds(findings)).not.toContain('ended-early')
  })
})

describe('ordinary sweeps', () => {
  // Of more of them, and of more kinds, in test/long/insight.test.ts.
  it.each(['random', 'sobol', 'bayesian'] as const)(
    'by %s are found nothing grave with',
    async (algorithm) => {
      for (const seed of [1, 2]) {
        const findings = await found(square, bowl, { algorithm, seed, trials: 30 })
        expect(findings.filter(({ severity }) => severity === 'warning')).toEqual([])
      }
    },
  )
})

describe('a sweep in which no trial came to a value', () => {
  it('is told of, with a trial to look at; one that has a single value is not', () => {
    const of = (value: (trial: number) => number | null) => {
      const { sweep: run, trials } = recorded(square, 12, (_, trial) => value(trial))
      return insightOf(run, trials).health.filter(({ kind }) => kind === 'no-value')
    }
    expect(of(() => null)).toMatchObject([
      {
        severity: 'warning',
        message: 'none of the 12 trials that ended came to a value: 12 failed',
        trials: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      },
    ])
    expect(of((trial) => (trial === 7 ? 1 : null))).toEqual([])
  })

  it('where all were pruned, the pruner is named', () => {
    const { sweep: run, trials } = recorded(square, 5, () => null)
    const pruned = trials.map((trial) => ({ ...trial, status: 'pruned' }) as ChildRun)
    const [finding] = insightOf(run, pruned).health
    expect(finding.message).toBe('none of the 5 trials that ended came to a value: 5 were stopped early')
    expect(finding.remedy).toContain('pruner')
  })
})
