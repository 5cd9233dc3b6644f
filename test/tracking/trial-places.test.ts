/** The law of trials read by their places: they are what reading the whole record gives, whatever was put on it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type RandomStream, randomStream } from '../../src/numeric/index.js'
import { openStore, type RunStore, type SweepFollower, type SweepWriter } from '../../src/tracking/index.js'
import { temporaryFolder } from '../temporary.js'

const objectives = [{ metric: 'accuracy', direction: 'maximize' }] as const

async function begun(store: RunStore): Promise<SweepWriter> {
  return store.createSweep({ experiment: 'e', name: 'n', objectives, spec: {}, conditions: {} })
}

async function toEnd(follower: SweepFollower): Promise<void> {
  for (let more = true; more; ) more = (await follower.next())?.more ?? false
}

async function expectSame(store: RunStore, follower: SweepFollower): Promise<void> {
  await toEnd(follower)
  const trials = await store.trials(follower.sweep)
  const numbers = trials.map(({ trial }) => trial)
  expect(await follower.trials(numbers)).toEqual(trials)
  for (const run of trials.slice(0, 3)) expect(await follower.trials([run.trial])).toEqual([run])
}

/** What a sweep may put on record of its trials, one thing at random. */
class Recorded {
  readonly #random: RandomStream
  /** Attempts by trial that runs. */
  readonly #running = new Map<number, number>()
  readonly #ended: number[] = []
  #cut: number[] = []
  #next = 0

  constructor(seed: number) {
    this.#random = randomStream(seed, 'trial-places')
  }

  async act(writer: SweepWriter): Promise<void> {
    const some = [...this.#running.keys()][this.#random.integer(Math.max(1, this.#running.size))]
    const chance = this.#random.next()
    if (some === undefined || chance < 0.2) return this.#start(writer)
    const history = { accuracy: { steps: [1], values: [chance], times: [5] } }
    if (chance < 0.4) writer.trialProgress(some, { history, seats: [0], output: [`${chance}`] })
    else if (chance < 0.5) {
      const attempt = this.#running.get(some)!
      await writer.attemptFailed({ trial: some, attempt, error: { code: 'TIME_LIMIT', message: 'm' } })
      this.#running.set(some, attempt + 1)
      await writer.trialStarted({ trial: some, params: { k: chance }, attempt: attempt + 1, conditions: {} })
    } else if (chance < 0.6) await writer.annotate(some, { tags: { at: String(chance) } })
    else if (chance < 0.7 && this.#ended.length > 0) {
      const trial = this.#ended[this.#random.integer(this.#ended.length)]
      await writer.annotate(trial, {
        metrics: { holdout: chance },
        tags: { kind: chance < 0.65 ? null : 'a' },
      })
    } else {
      const metrics = { accuracy: chance }
      const outcome = { trial: some, history, conditions: {}, tags: { kind: 'b' }, error: null }
      await writer.trialEnded({ ...outcome, status: 'finished', values: metrics, metrics })
      this.#running.delete(some)
      this.#ended.push(some)
    }
  }

  interrupt(): void {
    this.#cut.push(...this.#running.keys())
    this.#running.clear()
  }

  async #start(writer: SweepWriter): Promise<void> {
    const again = this.#cut.shift()
    const trial = again ?? this.#next++
    this.#running.set(trial, again === undefined ? 1 : 2)
    const attempt = this.#running.get(trial)!
    await writer.trialStarted({ trial, params: { k: trial }, attempt, conditions: { trial } })
  }
}

test('through whatever is put on record, sessions, deletion and compaction, while it grows', async () => {
  for (let seed = 0; seed < 4; seed++) {
    const store = await openStore(temporaryFolder())
    let writer = await begun(store)
    const follower = store.follower(writer.id)
    const recorded = new Recorded(seed)
    for (let session = 0; session < 4; session++) {
      for (let i = 0; i < 40; i++) {
        await recorded.act(writer)
        if (i % 8 === 0) await expectSame(store, follower)
      }
      await writer.finish({ status: 'interrupted' })
      recorded.interrupt()
      await expectSame(store, follower)
      const ended = (await store.trials(writer.id)).filter(({ status }) => status === 'finished')
      if (session === 1) await store.delete(ended[0].id)
      await expectSame(store, follower)
      await expectSame(store, store.follower(writer.id))
      writer = await store.resumeSweep(writer.id, { conditions: {} })
    }
    await expectSame(store, follower)
    await writer.finish({ status: 'finished' })
  }
})

test('trials that are unknown are left out; of a record that was written anew since, or damaged, nothing is read', async () => {
  const store = await openStore(temporaryFolder())
  const writer = await begun(store)
  const recorded = new Recorded(9)
  for (let i = 0; i < 60; i++) await recorded.act(writer)
  await writer.finish({ status: 'finished' })
  const follower = store.follower(writer.id)
  expect(await follower.trials([0])).toEqual([])
  await toEnd(follower)
  const [first] = await store.trials(writer.id)
  expect(await follower.trials([99_999, first.trial])).toEqual([first])
  const path = join(
    store.directory,
    'sweeps',
    readdirSync(join(store.directory, 'sweeps'))[0],
    'journal.jsonl',
  )
  const before = readFileSync(path)
  writeFileSync(path, before.toString().replaceAll('"event":"ended"', '"event":"Ended"'))
  expect(await follower.trials([first.trial])).toBeNull()
  writeFileSync(path, before)
  const finished = (await store.trials(writer.id)).filter(({ status }) => status === 'finished')
  await store.delete(finished.at(-1)!.id)
  expect(await follower.trials([first.trial])).toBeNull()
  await toEnd(follower)
  expect(await follower.trials([first.trial])).toEqual([first])
})
