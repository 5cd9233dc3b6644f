/** The package as npm publishes it: packed, installed into an empty folder elsewhere, and used from there. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'espalier-package-'))
const elsewhere = join(directory, 'elsewhere')
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function run(command: string, args: string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  return { status, stdout, stderr }
}

function mustRun(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr } = run(command, args, cwd)
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`)
  return stdout
}

// Its dependencies come from a registry: without one there is nothing to install from.
const reachable =
  process.env.CI === 'true' || run('npm', ['view', 'picocolors', 'version'], directory).status === 0

describe.skipIf(!reachable)('the packed package (needs an npm registry)', () => {
  const espalier = (...args: string[]) =>
    mustRun(join(elsewhere, 'node_modules', '.bin', 'espalier'), args, elsewhere)

  beforeAll(() => {
    // As it is built already: other tests run it meanwhile.
    mustRun('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], root)
    const tarball = readdirSync(directory).find((name) => name.endsWith('.tgz'))!
    mkdirSync(elsewhere)
    writeFileSync(
      join(elsewhere, 'package.json'),
      JSON.stringify({ name: 'elsewhere', private: true, type: 'module' }),
    )
    mustRun('npm', ['install', '--prefer-offline', join(directory, tarball)], elsewhere)
  }, 300_000)

  it('holds what is needed and nothing else', () => {
    const names = readdirSync(join(elsewhere, 'node_modules', 'espalier')).sort()
    expect(names).toEqual([
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'package.json', 'search-spaces'],
    ])
  })

  it('runs a sweep, shows the best run and predicts', () => {
    const file = join('node_modules', 'espalier', 'search-spaces', 'iris-cart.json')
    const result = JSON.parse(espalier('sweep', file, '--trials', '6', '--json'))
    expect(result).toMatchObject({ status: 'finished', trials: { finished: 6 } })
    expect(JSON.parse(espalier('best', '--json')).run).toBe(result.best.run)
    const data = join('node_modules', 'espalier', 'search-spaces', 'data', 'iris.csv')
    espalier('predict', 'best', '--data', data, '--out', 'predictions.csv')
    expect(readFileSync(join(elsewhere, 'predictions.csv'), 'utf8').trim().split('\n').length).toBe(151)
  }, 120_000)

  it('is imported as a library, with its types', () => {
    writeFileSync(
      join(elsewhere, 'use.ts'),
      `import { openStore, sweep } from 'espalier'
import { trainerLaws } from 'espalier/testing'
const result = await sweep({ name: 'x', search: { trials: 4 }, parameters: { x: { type: 'float', min: 0, max: 1 } } }, { run: ({ x }) => x * 2 })
const best = await (await openStore()).bestRun({ experiment: 'x' })
const value: number | null = best.value
if (value !== result.best?.value) throw new Error('not the best')
const x: number = result.best!.params.x
const laws: string[] = []
trainerLaws({ describe: (_, body) => body(), it: (name) => laws.push(name), expect: Object.assign(() => {}, { stringMatching: () => {} }), beforeAll() {}, afterAll() {} }, 'none', () => { throw new Error('unused') }, () => { throw new Error('unused') }, {})
if (laws.length < 10 || !(x >= 0)) throw new Error('no laws')
console.log(result.trials.finished)
`,
    )
    const typescript = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    mustRun('npm', ['install', '--no-save', '--prefer-offline', '@types/node@20'], elsewhere)
    mustRun(
      process.execPath,
      [
        typescript,
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2022',
        '--types',
        'node',
        '--outDir',
        'out',
        'use.ts',
      ],
      elsewhere,
    )
    expect(mustRun(process.execPath, [join('out', 'use.js')], elsewhere).trim()).toBe('4')
  }, 120_000)

  it('has an exports map that tools for packages accept', () => {
    mustRun('npx', ['publint', '--strict'], root)
    const tarball = readdirSync(directory).find((name) => name.endsWith('.tgz'))!
    mustRun(
      'npx',
      ['attw', join(directory, tarball), '--profile', 'esm-only', '--ignore-rules', 'no-resolution'],
      root,
    )
  }, 120_000)
})
