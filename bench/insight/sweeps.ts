/** Sweeps over functions whose shares are known, run by the library: the same every time, kept in a file where one is named. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, sweep } from '../../src/index.js'
import { deriveSeed, randomStream } from '../../src/numeric/index.js'
import type { ChildRun, ParentRun } from '../../src/tracking/index.js'
import type { Params } from '../../src/values.js'
import { functions } from './functions.js'

export const algorithms = ['random', 'sobol', 'bayesian'] as const
export type Algorithm = (typeof algorithms)[number]

export interface MadeSweep {
  readonly name: string
  readonly algorithm: Algorithm
  readonly seed: number
  readonly sweep: ParentRun
  /** In order. The first of them are those of a shorter sweep. */
  readonly trials: readonly ChildRun[]
}

/** One sweep of each function, kind of search and seed. */
export async function makeSweeps(
  { seeds, trials, names }: { seeds: readonly number[]; trials: number; names: readonly string[] },
  keptIn?: string,
): Promise<MadeSweep[]> {
  const key = JSON.stringify([seeds, trials, names])
  if (keptIn !== undefined && existsSync(keptIn)) {
    const kept = JSON.parse(readFileSync(keptIn, 'utf8'))
    if (kept.key === key) return kept.sweeps
  }
  const directory = await mkdtemp(join(tmpdir(), 'espalier-shares-'))
  const sweeps: MadeSweep[] = []
  try {
    const opened = await openStore(directory)
    for (const name of names)
      for (const algorithm of algorithms)
        for (const seed of seeds) {
          const { run } = await sweep(
            {
              name,
              objective: { metric: 'y', direction: 'minimize' },
              // Each function has points of its own.
              search: { algorithm, seed: deriveSeed(seed, name), trials },
              parameters: functions[name].parameters,
            },
            { store: directory, run: (params: Params) => ({ y: observed(name, seed, params) }) },
          )
          const children = await opened.trials(run)
          const sorted = [...children].sort((a, b) => a.trial - b.trial)
          sweeps.push({ name, algorithm, seed, sweep: (await opened.run(run)) as ParentRun, trials: sorted })
        }
  } finally {
    await rm(directory, { recursive: true })
  }
  if (keptIn !== undefined) writeFileSync(keptIn, JSON.stringify({ key, sweeps }))
  return sweeps
}

/** What is measured at these params: the same whenever they are. */
function observed(name: string, seed: number, params: Params): number {
  const { value, noise } = functions[name]
  const exact = value(params)
  return noise === undefined
    ? exact
    : exact + noise * randomStream(seed, 'noise', JSON.stringify(params)).normal()
}
