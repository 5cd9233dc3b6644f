/**
 * Sweeps of a program with checkpoints, killed with their process group at random instants and resumed each time: nothing that
 * was recorded is lost, no step is trained again but the one that a kill cut off, and what comes out is what the sweep would have
 * come to without.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { isEspalierError } from '../../src/errors.js'
import { openStore } from '../../src/index.js'
import { type RandomStream, randomStream } from '../../src/numeric/index.js'
import { countingSweep, type Trained, trainedSteps } from '../cli/counting.js'
import { main } from '../cli/run.js'
import { type Essence, essenceOf } from '../crash/driver.js'
import { temporaryFolder } from '../temporary.js'

/** Two lanes, for two cores. */
const lanes = 2
/** More by ESPALIER_TEST_KILLS; 100 take four minutes. */
const killsInLane = Number(process.env.ESPALIER_TEST_KILLS ?? 30)
const seed = 20

/** A folder with a sweep of 8 trials of 30 steps. */
function madeFolder(): string {
  const folder = temporaryFolder()
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('sweep.json', JSON.stringify(countingSweep(write, { steps: 30, trials: 8 })))
  return folder
}

function start(folder: string, args: readonly string[], session: number, workers = 2) {
  const child: ChildProcess = spawn(
    process.execPath,
    [main, ...args, '--store', 'runs', '--workers', String(workers)],
    {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, SESSION: String(session) },
    },
  )
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  return { child, said: () => said, ended: once(child, 'close') as Promise<[number | null, string | null]> }
}

async function sweepIn(folder: string): Promise<string | null> {
  try {
    return (await (await openStore(join(folder, 'runs'))).sweeps())[0]?.id ?? null
  } catch (error) {
    // Killed before anything was recorded.
    if (isEspalierError(error) && error.code === 'STORE_MISSING') return null
    throw error
  }
}

async function wholeSweep(): Promise<Essence> {
  const folder = madeFolder()
  const { ended, said } = start(folder, ['sweep', 'sweep.json'], 0)
  expect(await ended, said()).toEqual([0, null])
  return essenceOf(join(folder, 'runs'), (await sweepIn(folder))!)
}

/** Starts it, or goes on with it, and kills the process group at random; false where it had come to its end before. */
async function killedOnce(folder: string, session: number, random: RandomStream): Promise<boolean> {
  const sweep = await sweepIn(folder)
  const before = trainedSteps(folder).length
  const args = sweep === null ? ['sweep', 'sweep.json'] : ['resume', sweep]
  const { child, said, ended } = start(folder, args, session, 1 + random.integer(2))
  // A few before anything trains, most while something does.
  if (random.next() < 0.1) await delay(400 * random.next())
  else {
    while (trainedSteps(folder).length === before && child.exitCode === null) await delay(5)
    await delay(120 * random.next())
  }
  if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL')
  const [code, signal] = await ended
  expect(code ?? 0, said()).toBe(0)
  await expectRecorded(folder, said())
  return signal === 'SIGKILL'
}

/** Trials whose end was told are on record. */
async function expectRecorded(folder: string, said: string): Promise<void> {
  const told = [...said.matchAll(/^trial (\d+) finished in /gm)].map(([, trial]) => Number(trial))
  if (told.length === 0) return
  const trials = await (await openStore(join(folder, 'runs'))).trials((await sweepIn(folder))!)
  const ended = new Set(trials.filter(({ status }) => status === 'finished').map(({ trial }) => trial))
  expect(told.filter((trial) => !ended.has(trial))).toEqual([])
}

/** In each session a trial goes on with the step that was cut off, or the one after it, and leaves none out. */
function expectNothingTwice(trained: readonly Trained[]): void {
  const last = new Map<number, Trained>()
  // Of a session that was killed, a program's last words may come late.
  for (const one of [...trained].sort((a, b) => a.session - b.session)) {
    const before = last.get(one.trial)
    const isNext = one.step === (before?.step ?? -1) + 1
    const isCutOff = one.step === before?.step && one.session > before.session
    expect(isNext || isCutOff, `${JSON.stringify(before)} and then ${JSON.stringify(one)}`).toBe(true)
    last.set(one.trial, one)
  }
}

async function lane(number: number, whole: Essence): Promise<number> {
  const random = randomStream(seed, 'checkpoints', number)
  let kills = 0
  let again = 0
  while (kills < killsInLane) {
    const folder = madeFolder()
    let session = 0
    while (kills < killsInLane && (await killedOnce(folder, session, random))) {
      kills++
      session++
    }
    const sweep = await sweepIn(folder)
    const { ended, said } = start(
      folder,
      sweep === null ? ['sweep', 'sweep.json'] : ['resume', sweep, '--trials', '8'],
      session,
    )
    expect(await ended, said()).toEqual([0, null])
    const trained = trainedSteps(folder)
    expectNothingTwice(trained)
    expect(new Set(trained.map(({ trial, step }) => `${trial} ${step}`)).size).toBe(8 * 30)
    again += trained.length - 8 * 30
    expect(await essenceOf(join(folder, 'runs'), (await sweepIn(folder))!)).toEqual(whole)
  }
  // With two workers a kill cuts off two steps at the most.
  expect(again).toBeLessThanOrEqual(2 * kills)
  return kills
}

describe('a sweep of a program with checkpoints', () => {
  it(`is killed at ${lanes * killsInLane} random instants, and comes to the same without training a step twice`, async () => {
    const whole = await wholeSweep()
    const kills = await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number, whole)))
    expect(kills.reduce((sum, one) => sum + one, 0)).toBe(lanes * killsInLane)
  })
})
