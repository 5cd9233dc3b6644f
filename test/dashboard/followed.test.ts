/** The law of following: at every moment the table is what reading all trials whole would make of them. */
import { expect, test } from 'vitest'
import { Changes } from '../../src/dashboard/gather/changes.js'
import { FollowedSweep } from '../../src/dashboard/gather/followed-sweep.js'
import { searchedParameters } from '../../src/dashboard/gather/parameters.js'
import { rowAt, rowOfRun } from '../../src/dashboard/gather/rows.js'
import { Trials } from '../../src/dashboard/gather/trials.js'
import { grown } from '../../src/dashboard/page/trial-follower.js'
import { openStore, type ParentRun, type RunStore, type SweepWriter } from '../../src/tracking/index.js'
import { temporaryFolder } from '../temporary.js'
import { makeSweep, parameters } from './sweeps.js'

const objectives = [{ metric: 'accuracy', direction: 'maximize' }] as const
const params = { rate: 0.5, bias: false, layers: [64, 64], kernel: 'rbf', gamma: 1 }
const history = { accuracy: { steps: [1, 2], values: [0.1, 0.2], times: [5, 9] } }

async function expectSame(store: RunStore, followed: FollowedSweep): Promise<void> {
  await followed.after(() => {})
  const run = (await store.run(followed.id)) as ParentRun
  const searched = searchedParameters(run.spec)
  const { table } = followed.known!.trials
  const rows = Array.from({ length: table.length }, (_, at) => rowAt(table, at, searched))
  // When a fit began that runs, only those know who saw it begin.
  const withoutFits = rows.map((row) => ({
    ...row,
    fits: row.ended === null ? row.fits.map(({ seat }) => seat) : row.fits,
  }))
  const wanted = (await store.trials(followed.id)).map(rowOfRun)
  expect(withoutFits).toEqual(
    wanted.map((row) => ({ ...row, fits: row.ended === null ? row.fits.map(({ seat }) => seat) : row.fits })),
  )
  expect(followed.head!.run).toEqual(run)
  for (const trial of await store.trials(followed.id)) {
    expect(await followed.trial(trial.trial)).toEqual(trial)
    const [steps] = await followed.steps([trial.trial])
    expect(steps).toEqual({ trial: trial.trial, status: trial.status, history: trial.history })
  }
}

async function ended(writer: SweepWriter, trial: number, value: number | null): Promise<void> {
  const fits = { seats: [0, 1], from: [0, 2.5], to: [3, 8] }
  const common = { trial, history, conditions: { fits }, tags: { kind: 'test' } }
  if (value === null) {
    const error = { code: 'TIME_LIMIT', message: 'too long' }
    await writer.trialEnded({ ...common, status: 'failed', values: {}, metrics: {}, error })
    return
  }
  const values = { accuracy: value }
  await writer.trialEnded({ ...common, status: 'finished', values, metrics: values, error: null })
}

test('through attempts, an interruption, a new session, figures, deletion and compaction', async () => {
  const store = await openStore(temporaryFolder())
  let writer = await store.createSweep({
    experiment: 'e',
    name: 'n',
    objectives,
    spec: { parameters, trials: 9 },
    conditions: {},
  })
  const followed = new FollowedSweep(store, writer.id)
  await expectSame(store, followed)
  const origin = { rule: 'expected-improvement', predicted: { mean: 0.5, deviation: 0.1 } }
  for (const trial of [0, 1, 2])
    void writer.trialStarted({ trial, params, attempt: 1, conditions: { trial, origin } })
  writer.trialProgress(1, { history, seats: [2], output: ['a line'] })
  await ended(writer, 0, 0.3)
  await expectSame(store, followed)
  await writer.attemptFailed({ trial: 2, attempt: 1, error: { code: 'OUT_OF_MEMORY', message: 'm' } })
  await writer.trialStarted({ trial: 2, params, attempt: 2, conditions: { trial: 2, origin } })
  await writer.annotate(2, { tags: { asked: 'while it ran' } })
  await expectSame(store, followed)
  await writer.finish({ status: 'interrupted' })
  await expectSame(store, followed)
  writer = await store.resumeSweep(writer.id, { conditions: {} })
  await expectSame(store, followed)
  await writer.trialStarted({
    trial: 1,
    params: { rate: 0.25 },
    attempt: 2,
    conditions: { trial: 1, origin },
  })
  await expectSame(store, followed)
  await ended(writer, 1, 0.9)
  await writer.trialStarted({ trial: 2, params, attempt: 3, conditions: { trial: 2, origin } })
  await ended(writer, 2, null)
  await writer.annotate(1, { metrics: { holdoutAccuracy: 0.8 }, tags: { best: 'yes', kind: null } })
  await writer.annotate(1, { metrics: { holdoutAccuracy: null } })
  await expectSame(store, followed)
  await writer.finish({ status: 'finished' })
  await expectSame(store, followed)
  await store.delete((await store.trials(writer.id))[0].id)
  await expectSame(store, followed)
  // One that begins now, on a record that was written anew.
  await expectSame(store, new FollowedSweep(store, writer.id))
})

test('of a record that is read in many pieces', async () => {
  const store = await openStore(temporaryFolder())
  const { id } = await makeSweep(store.directory, { trials: 2000, steps: 200 })
  const followed = new FollowedSweep(store, id)
  await followed.after(() => {})
  const trials = await store.trials(id)
  const { table } = followed.known!.trials
  expect([...table.numbers('value')]).toEqual(trials.map(({ value }) => value ?? Number.NaN))
  const steps = await followed.steps([0, 1999])
  expect(steps.map((one) => one.history)).toEqual([trials[0].history, trials[1999].history])
  await store.delete(trials[5].id)
  await followed.after(() => {})
  expect(followed.known!.trials.table.rowOf(5)).toBeUndefined()
  expect(followed.known!.trials.table.length).toBe(1999)
})

test('further steps of metrics that are called as what every object has', () => {
  const trials = new Trials(searchedParameters({}), 'accuracy')
  const started = { kind: 'started', trial: 0, run: 'r', at: '2026-11-26T12:00:00.000Z', attempt: 1 } as const
  const progress = (step: number) =>
    ({
      kind: 'progress',
      trial: 0,
      run: 'r',
      at: '2026-11-26T12:00:01.000Z',
      history: Object.fromEntries(
        ['constructor', 'toString', 'valueOf'].map((name) => [name, { steps: [step], values: [step / 2] }]),
      ),
    }) as const
  trials.apply([{ ...started, params: {}, conditions: {} }, progress(1)], true, new Changes())
  const changes = new Changes()
  trials.apply([progress(2), progress(3)], true, changes)
  const further = trials.further(0, changes.steps.get(0)!)!
  expect(further.from).toEqual({ constructor: 1, toString: 1, valueOf: 1 })
  expect(further.history.constructor).toMatchObject({ steps: [2, 3], values: [1, 1.5] })
  const before = { toString: { steps: [1], values: [0.5] } } as never
  expect(grown(before, further).toString).toMatchObject({ steps: [1, 2, 3] })
})
