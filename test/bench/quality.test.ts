import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isFailedFit } from '../../bench/quality/failed-fit.js'
import { cellOf, keepRun, packRuns, type Run, readRuns, rounded, runKey } from '../../bench/quality/runs.js'
import { bestSoFar, compare, figures, scalesOf, signedRank } from '../../bench/quality/scores.js'
import { tuningTasks } from '../../bench/quality/tuning.js'
import { FitFailure } from '../../src/training/index.js'
import { temporaryFolder } from '../temporary.js'

const file = (name: string) => join(temporaryFolder(), name)

const run = (method: string, losses: readonly number[], more: Partial<Run> = {}): Run => ({
  ...{ task: 't', revision: 1, method, seed: 1, parallel: 1, told: losses, losses },
  milliseconds: losses.map(() => 1),
  ...more,
})

describe('runs of the quality bench', () => {
  it('are the same packed as counted: losses with nine digits, `told` where it is something else', () => {
    const runs = [
      run('bayesian', [1 / 3, 2 / 3]),
      run('random', [0.1 + 0.2, 1e-7 / 3], { told: [5 / 3, 7] }),
      run('smac', [4], { version: 'smac 2' }),
    ]
    const packed = file('played.jsonl.gz')
    packRuns(packed, runs)
    const read = [...readRuns([packed]).values()]
    expect(read.map(({ method }) => method)).toEqual(['bayesian', 'random', 'smac'])
    expect(read).toEqual(runs.map(rounded))
    expect(read[0].losses).toEqual([0.333333333, 0.666666667])
    expect(read[1].told).toEqual([1.66666667, 7])
  })

  it('are the longest of each key over all files; who plans with the number of trials has one for each', () => {
    const [first, second] = [file('a.jsonl'), file('b.jsonl')]
    for (const one of [run('bayesian', [3, 2, 1]), run('smac', [3, 2, 1])]) keepRun(first, one)
    for (const one of [run('bayesian', [3, 2]), run('smac', [9, 8])]) keepRun(second, one)
    const read = readRuns([first, second, file('absent.jsonl')])
    expect(read.size).toBe(3)
    expect(read.get(runKey(run('bayesian', []), 2))!.losses).toEqual([3, 2, 1])
    expect(read.get(runKey(run('smac', []), 2))!.losses).toEqual([9, 8])
    expect(read.get(runKey(run('smac', []), 3))!.losses).toEqual([3, 2, 1])
  })

  it('of random search with seeds that differ by the number of instances are of one cell', () => {
    expect([1, 11, 41, 10, 20, 2].map((seed) => cellOf({ task: 't', seed }))).toEqual([
      't 1',
      't 1',
      't 1',
      't 10',
      't 10',
      't 2',
    ])
  })
})

it('a fit of the quality bench counts as failed by its params alone, and a fault of the library or its installation ends the bench', () => {
  expect(isFailedFit(new FitFailure('METRIC_NOT_FINITE', 'training diverged'))).toBe(true)
  expect(isFailedFit(new FitFailure('TRAINER_THREW', 'knn threw in fit: ENOENT'))).toBe(false)
  expect(isFailedFit(new FitFailure('PARAMS_REFUSED', 'k: must be at least 1'))).toBe(false)
  expect(isFailedFit(new Error('ENOENT: kernels.wasm'))).toBe(false)
})

it('a task of the quality bench has no loss where a fit ends otherwise than by its params', async () => {
  for (const task of tuningTasks.filter(({ name }) => /^(knn|cart)-classifier-/.test(name)).slice(0, 2))
    await expect(task.loss({ nobody: 'knows' }, 1)).rejects.toMatchObject({ code: 'PARAMS_REFUSED' })
})

describe('scores of the quality bench', () => {
  // Random search's medians after 1 and 2 trials: 6 and 4; the best of all: 2.
  const random = [
    run('random', [8, 4]),
    run('random', [6, 6], { seed: 11 }),
    run('random', [5, 3], { seed: 21 }),
  ]
  const score = (ours: readonly number[], its: readonly number[], budget: number) => {
    const runs = [...random, run('best', [9, 2], { parallel: 4 }), run('a', ours), run('b', its)]
    return compare(
      'a',
      'b',
      runs.filter(({ parallel }) => parallel === 1),
      scalesOf(runs),
      budget,
    )!
  }

  it('are 0 at the median of random search, 100 at the best that anybody found, and never below -100', () => {
    expect(score([9, 4], [9, 2], 2).scores).toEqual([0, 100])
    expect(score([9, 3], [9, 900], 2).scores).toEqual([50, -100])
    expect(score([6, 2], [4, 2], 1)).toMatchObject({ scores: [0, 50], difference: -50, won: 0, lost: 1 })
    expect(score([6, 2], [4, 2], 2)).toMatchObject({ difference: 0, won: 0, tied: 1, lost: 0 })
  })

  it('count the loss of the trial with the best told value, not the best loss', () => {
    expect(bestSoFar(run('a', [5, 1, 3], { told: [4, 9, 2] }))).toEqual([5, 5, 3])
  })

  it('are 100 or -100 where random search has found the best already', () => {
    const runs = [...[1, 11, 21].map((seed) => run('random', [2], { seed })), run('a', [2]), run('b', [2.1])]
    expect(compare('a', 'b', runs, scalesOf(runs), 1)!.scores).toEqual([100, -100])
  })

  it('are means over the instances of a task, then over tasks; a cell that one has not played counts for none', () => {
    const cells = [
      { task: 't', seed: 1 },
      { task: 't', seed: 2 },
      { task: 'u', seed: 1 },
    ]
    const runs = cells.flatMap((cell) => [run('random', [4], cell), run('best', [0], cell)])
    const losses = [0, 4, 4]
    cells.forEach((cell, i) => {
      runs.push(run('a', [losses[i]], cell), run('b', [4], cell))
    })
    runs.push(run('a', [0], { task: 'v' }))
    const pair = compare('a', 'b', runs, scalesOf(runs), 1)!
    expect(pair).toMatchObject({ tasks: 2, cells: 3, scores: [25, 0], difference: 25, error: 25 })
    expect([pair.won, pair.tied, pair.lost].map((share) => 3 * share)).toEqual([1, 2, 0])
    expect(compare('a', 'nobody', runs, scalesOf(runs), 1)).toBeNull()
  })

  it('share ranks between equals', () => {
    const runs = [run('random', [4]), run('a', [1]), run('b', [2]), run('c', [2]), run('d', [3])]
    const rows = figures(['a', 'b', 'c', 'd'], runs, scalesOf(runs), 1, 'b')
    expect(rows.map(({ rank }) => rank)).toEqual([1, 2.5, 2.5, 4])
  })

  it('have the p of the signed-rank test, ties and all', () => {
    // By hand: ranks 1.5, 1.5, 3, 4; sum of the positive 8.5, expected 5, variance 29.5 / 4.
    expect(signedRank([1, -1, 2, 3, 0])).toBeCloseTo(0.1975, 3)
    expect(signedRank([0, 0])).toBe(1)
  })
})

describe('tuning tasks', () => {
  const halves = (['choosing', 'reporting'] as const).map((half) =>
    tuningTasks.filter((task) => task.half === half).map(({ name }) => name),
  )

  it('are 36 in each half, with names of their own', () => {
    expect(halves.map(({ length }) => length)).toEqual([36, 36])
    expect(new Set(halves.flat()).size).toBe(72)
  })

  it('have no pair of trainer and data in both halves', () => {
    const [choosing, reporting] = halves.map((names) => names.map((name) => name.replace(/-[^-]+$/, '')))
    expect(choosing).toContain('svm-regressor-friedman3')
    expect(choosing.filter((pair) => reporting.includes(pair))).toEqual([])
  })
})
