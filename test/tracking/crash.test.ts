/**
 * Kills processes that write a sweep, at random instants, with SIGKILL: nothing that was promised is lost, nothing
 * is half there, and the next process takes the sweep up at once. `ESPALIER_KILLS` sets how often.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/index.js'
import { childIdOf } from '../../src/tracking/ids.js'
import { openStore, type ParentRun } from '../../src/tracking/index.js'
import { temporaryDirectory } from '../temporary.js'

const room = join(dirname(createRequire(import.meta.url).resolve('#worker-entry')), '../tracking/index.js')
const program = fileURLToPath(new URL('writing-process.mjs', import.meta.url))
const kills = Number(process.env.ESPALIER_KILLS ?? 20)
const seed = Number(process.env.ESPALIER_SEED ?? 1)

interface Ended {
  sweep: string | null
  promised: number[]
  signal: string | null
  complaints: string
}

/** Lets a process write until `ms` after it took up the sweep. */
function writeUntilKilled(directory: string, sweep: string, first: number, ms: number): Promise<Ended> {
  const child = spawn(process.execPath, [program, room, directory, sweep, String(first)])
  let text = ''
  let complaints = ''
  child.stdout.on('data', (chunk) => {
    if (text === '') setTimeout(() => child.kill('SIGKILL'), ms)
    text += chunk
  })
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  return new Promise((resolve) => {
    child.on('close', (_, signal) => {
      // The last line may be cut; the promise it tells of was then not heard.
      const lines = text.split('\n').slice(0, -1)
      const own = lines.shift()
      resolve({
        sweep: own?.slice('sweep '.length) ?? null,
        promised: lines.map(Number),
        signal,
        complaints,
      })
    })
  })
}

it(`loses nothing when it is killed ${kills} times (seed ${seed})`, {
  timeout: 30_000 + kills * 5_000,
}, async () => {
  const directory = join(await temporaryDirectory(), 'runs')
  const random = randomStream(seed, 'kill')
  const promised = new Set<number>()
  let sweep = 'new'
  let first = 0
  for (let kill = 0; kill < kills; kill++) {
    const writing = writeUntilKilled(directory, sweep, first, random.next() ** 2 * 120)
    // Reading meanwhile, from another process than the writing one.
    if (sweep !== 'new') {
      const reader = await openStore(directory)
      expect((await reader.trials(sweep)).filter((run) => promised.has(run.trial)).length).toBe(promised.size)
    }
    const ended = await writing
    expect(ended).toMatchObject({ signal: 'SIGKILL', complaints: '' })
    sweep = ended.sweep!
    for (const trial of ended.promised) promised.add(trial)

    const store = await openStore(directory)
    const runs = await store.trials(sweep)
    const finished = new Map(runs.filter((run) => run.status === 'finished').map((run) => [run.trial, run]))
    for (const trial of promised) expect(finished.has(trial)).toBe(true)
    for (const run of runs) {
      expect(['finished', 'interrupted']).toContain(run.status)
      expect(run.params).toEqual({ k: run.trial })
      if (run.status !== 'finished') continue
      expect(run.history).toEqual({
        m: { steps: [0, 1, 2], values: [run.trial, run.trial / 3, run.trial / 7] },
      })
    }
    for (const trial of ended.promised) {
      if (trial % 5 === 0) {
        const model = JSON.parse(
          Buffer.from(await store.readArtifact(childIdOf(sweep, trial), 'model.json')).toString(),
        )
        expect(model.trial).toBe(trial)
      }
    }
    const parent = (await store.run(sweep)) as ParentRun
    expect(parent.status).toBe('interrupted')
    expect(parent.trials.finished).toBe(finished.size)
    first = Math.max(-1, ...runs.map((run) => run.trial)) + 1
  }
  expect(promised.size).toBeGreaterThan(kills)
  const store = await openStore(directory)
  const writer = await store.resumeSweep(sweep, { conditions: {} })
  await writer.finish({ status: 'finished' })
  const parent = (await store.run(sweep)) as ParentRun
  expect(parent.sessions.length).toBe(kills + 1)
  expect(
    (await store.trials(sweep))
      .filter((run) => run.status === 'interrupted')
      .every((run) => run.attempts.length === 1),
  ).toBe(true)
})
