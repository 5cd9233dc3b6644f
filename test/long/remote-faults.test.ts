/**
 * At least 200 faults at random instants over Redis and over PostgreSQL. Another course of events with ESPALIER_FAULTS_SEED=7 (the seed in use is
 * printed), more of them with ESPALIER_FAULTS=1000, and one kind of sweep alone with ESPALIER_FAULTS_KIND='a program'.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { isAlive } from '../../src/processes.js'
import { nvidiaSmi, pathWith } from '../execution/stand-ins.js'
import { chaos } from '../remote/chaos.js'
import {
  type Cast,
  castOf,
  expectSame,
  expectSameCheckpoints,
  fixture,
  localSweep,
  writeSweep,
} from '../remote/processes.js'
import { noPostgres, noRedis, startPostgres, startRedis } from '../remote/servers.js'

const wanted = Number(process.env.ESPALIER_FAULTS ?? 200)
const firstSeed = Number(process.env.ESPALIER_FAULTS_SEED ?? 1)
const claimMs = 1_000
/** Faults in one sweep at most: with as many as are wanted usually, each kind of sweep has its turn on each server. */
const eachSweep = 17

/** As if this machine had a GPU for each worker. */
const gpus = pathWith({ 'nvidia-smi': nvidiaSmi(3) })

const diabetes = fileURLToPath(new URL('../../search-spaces/data/diabetes.csv', import.meta.url))
const wine = fileURLToPath(new URL('../../search-spaces/data/wine.csv', import.meta.url))

interface Kind {
  readonly file: object
  readonly sweepArgs?: readonly string[]
  /** Of what is done on one thread here, instead. */
  readonly localArgs?: readonly string[]
  /** Of the worker of this number. */
  workerArgs?(number: number): readonly string[]
}

const sweeps: Readonly<Record<string, Kind>> = {
  'a module that is pruned': {
    file: {
      trainer: fixture('steps.mjs'),
      parameters: { x: { type: 'float', min: -1, max: 1 }, k: { type: 'int', min: 1, max: 20 } },
      search: { algorithm: 'random', trials: 200, seed: 11, parallel: 6, pruner: 'median' },
    },
  },
  'folds and models': {
    file: {
      trainer: 'knn-classifier',
      data: { file: wine, target: 'cultivar' },
      validation: { folds: 4, holdout: 0.2 },
      parameters: {
        k: { type: 'int', min: 1, max: 40, scale: 'log' },
        scaling: { type: 'categorical', values: ['none', 'standard', 'minmax'] },
        distance: { type: 'categorical', values: ['euclidean', 'manhattan'] },
      },
      search: { algorithm: 'random', trials: 40, seed: 12 },
    },
    sweepArgs: ['--keep-models', 'all'],
  },
  'a program': {
    file: {
      trainer: { command: ['sh', fixture('program.sh'), '{x}', '{ms}'] },
      parameters: { x: { type: 'int', min: 0, max: 999 }, ms: { type: 'int', min: 10, max: 90 } },
      search: { algorithm: 'random', trials: 70, seed: 13, parallel: 6 },
    },
  },
  'a program with devices and checkpoints': {
    file: {
      trainer: { command: ['sh', fixture('goes-on.sh'), '{x}', '{ms}'] },
      parameters: { x: { type: 'int', min: 0, max: 999 }, ms: { type: 'int', min: 10, max: 90 } },
      search: { algorithm: 'random', trials: 55, seed: 14, parallel: 6, pruner: 'median' },
      resources: { devices: 1 },
    },
    localArgs: ['--devices', '0'],
    workerArgs: (number) => ['--devices', String(number)],
  },
  'a trainer that fails for some folds': {
    file: {
      trainer: fixture('learns.mjs'),
      data: { file: diabetes, target: 'progression' },
      validation: { folds: 4, holdout: 0.2 },
      parameters: { rate: { type: 'float', min: 0.01, max: 1 }, k: { type: 'int', min: 1, max: 20 } },
      search: { algorithm: 'bayesian', trials: 25, seed: 21 },
    },
    sweepArgs: ['--retries', '1'],
  },
  'a module with checkpoints and files': {
    file: {
      trainer: fixture('leaves.mjs'),
      parameters: { x: { type: 'float', min: -1, max: 1 }, k: { type: 'int', min: 1, max: 20 } },
      search: { algorithm: 'random', trials: 30, seed: 24, parallel: 6, pruner: 'median' },
      keepCheckpoints: true,
    },
    sweepArgs: ['--retries', '1'],
  },
}

const only = process.env.ESPALIER_FAULTS_KIND
const kinds = only === undefined ? Object.keys(sweeps) : [only]

/** Programs that go on although nobody waits for them. */
function leftRunning({ folder }: Cast): string[] {
  return readdirSync(join(folder, 'running')).filter((pid) => isAlive({ pid: Number(pid), born: null }))
}

const servers = [
  { name: 'Redis', missing: noRedis, start: () => startRedis() },
  { name: 'PostgreSQL', missing: noPostgres, start: () => startPostgres() },
]

for (const { name, missing, start } of servers)
  describe.skipIf(missing !== null)(`sweeps over ${name}${missing === null ? '' : ` (${missing})`}`, () => {
    it('come to what they come to on one thread, whatever goes wrong on the way', async () => {
      const server = await start()
      try {
        let faults = 0
        for (let round = 0; faults < wanted / 2; round++) {
          const names = kinds
          const kind = names[round % names.length]
          const seed = firstSeed + round
          const cast = castOf(claimMs, { PATH: `${gpus}:${process.env.PATH}` })
          const { file, sweepArgs = [], localArgs = sweepArgs, workerArgs } = sweeps[kind]
          writeSweep(cast, { name: kind, ...file })
          const local = await localSweep(cast, localArgs)
          const began = performance.now()
          const end = await chaos({
            server,
            cast,
            claimMs,
            seed,
            faults: eachSweep,
            workers: 3,
            sweepArgs,
            workerArgs,
          })
          faults += end.total
          const seconds = ((performance.now() - began) / 1000).toFixed(0)
          console.log(
            `${name}, ${kind}, seed ${seed}: ${end.total} faults in ${seconds} s (${faults} in all)`,
            end.faults,
          )
          await expectSame(cast, local, `${kind}, seed ${seed}`)
          await expectSameCheckpoints(cast, `${kind}, seed ${seed}`)
          expect(leftRunning(cast), `${kind}, seed ${seed}`).toEqual([])
        }
      } finally {
        await server.kill()
      }
    })
  })
