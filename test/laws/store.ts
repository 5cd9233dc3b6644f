/** What every store keeps to, whatever it is made of. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type {
  ChildRun,
  Histories,
  ParentRun,
  Store,
  SweepUpdate,
  SweepWriter,
} from '../../src/tracking/index.js'
import type { Params } from '../../src/values.js'

export interface StoreUnderTest {
  /** A store at an empty place. */
  store: Store
  /** The same place, opened as another program would. */
  reopen(): Promise<Store>
  clear(): Promise<void>
}

export const sweepOf = (more: Partial<Parameters<Store['createSweep']>[0]> = {}) => ({
  experiment: 'wine',
  name: 'wine-knn',
  objectives: [{ metric: 'accuracy', direction: 'maximize' as const }] as const,
  spec: { parameters: { k: { type: 'int', min: 1, max: 40 } } },
  conditions: { node: 'v20' },
  ...more,
})

export const startOf = (trial: number, params: Params = { k: trial }, attempt = 1) => ({
  trial,
  params,
  attempt,
  conditions: { seed: 7, origin: { rule: 'random' } },
})

export const endOf = (trial: number, value = trial / 10, metric = 'accuracy') => ({
  trial,
  status: 'finished' as const,
  values: { [metric]: value },
  metrics: { accuracy: value, 'accuracy.sd': 0.01 },
  history: { accuracy: { steps: [0, 1, 2], values: [value, value - 0.1, value + 0.1] } },
  error: null,
  conditions: {},
})

/** Histories without when each step was reported, which differs from run to run. */
export function withoutTimes(history: Histories): Histories {
  return Object.fromEntries(
    Object.entries(history).map(([name, { steps, values }]) => [name, { steps, values }]),
  )
}

/** What of a trial must not depend on timing. */
export function steady({ trial, status, params, value, metrics, history, conditions, error }: ChildRun) {
  const { fitSeconds: _, predictSeconds: __, ...rest } = metrics
  const { fitSeconds: ___, predictSeconds: ____, ...steps } = history
  const { fits: _fits, continued: _continued, ...stated } = conditions
  return {
    trial,
    status,
    params,
    value,
    metrics: rest,
    history: withoutTimes(steps),
    conditions: stated,
    error,
  }
}

/** Runs trials one after the other. */
export async function runTrials(
  writer: SweepWriter,
  from: number,
  to: number,
  metric?: string,
): Promise<void> {
  for (let trial = from; trial < to; trial++) {
    void writer.trialStarted(startOf(trial))
    await writer.trialEnded(endOf(trial, trial / 10, metric))
  }
}

export function storeLaws(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name}: the laws of a store`, () => {
    const made: StoreUnderTest[] = []
    afterEach(async () => {
      for (const one of made.splice(0)) await one.clear()
    })
    const fresh = async () => {
      const one = await make()
      made.push(one)
      return one
    }
    const code = (wanted: string) => expect.objectContaining({ code: wanted })

    it('is called as its maker has it, where no other is', async () => {
      const { store, reopen } = await fresh()
      const id = '00112233445566aa'
      const writer = await store.createSweep(sweepOf({ id }))
      expect(writer.id).toBe(id)
      await expect(store.createSweep(sweepOf({ id }))).rejects.toThrow(
        /has an id of its own, but 00112233445566aa/,
      )
      await writer.finish({ status: 'finished' })
      await expect(store.createSweep(sweepOf({ id }))).rejects.toEqual(code('USAGE'))
      for (const wrong of ['', '../../etc', 'ABCDEF0123456789', 7 as never])
        await expect(store.createSweep(sweepOf({ id: wrong }))).rejects.toEqual(code('USAGE'))
      expect((await (await reopen()).sweeps()).map((run) => run.id)).toEqual([id])
    })

    it('gives back what was recorded, to the last bit', async () => {
      const { store, reopen } = await fresh()
      const writer = await store.createSweep(sweepOf({ tags: { owner: 'me' } }))
      const params = {
        rate: 0.1 + 0.2,
        tiny: 5e-324,
        zero: -0,
        none: null,
        name: 'ä\u2028\ud800"\n',
        on: true,
      }
      await writer.trialStarted(startOf(0, params))
      const end = {
        ...endOf(0, 1 / 3),
        history: { accuracy: { steps: [0, 1], values: [-0, Number.MAX_VALUE] } },
        tags: { kind: 'test' },
        conditions: { predictionsDigest: 'abc' },
      }
      await writer.trialEnded(end)
      const run = (await (await reopen()).run(writer.childId(0))) as ChildRun
      expect(run).toEqual({
        kind: 'trial',
        id: writer.childId(0),
        parent: writer.id,
        experiment: 'wine',
        name: 'trial 0',
        trial: 0,
        status: 'finished',
        started: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        ended: expect.any(String),
        params,
        value: 1 / 3,
        values: { accuracy: 1 / 3 },
        metrics: end.metrics,
        history: end.history,
        tags: { kind: 'test' },
        artifacts: [],
        error: null,
        attempts: [],
        conditions: { seed: 7, origin: { rule: 'random' }, predictionsDigest: 'abc' },
      })
      expect(Object.is(run.params.zero, -0)).toBe(true)
      expect(Object.is(run.history.accuracy.values[0], -0)).toBe(true)
      await writer.finish({ status: 'finished', metrics: { holdout: 0.5 }, tags: { done: 'yes' } })
      const parent = (await (await reopen()).run(writer.id)) as ParentRun
      expect(parent).toMatchObject({
        experiment: 'wine',
        name: 'wine-knn',
        status: 'finished',
        objective: { metric: 'accuracy', direction: 'maximize' },
        trials: { finished: 1, pruned: 0, failed: 0, running: 0 },
        best: { run: writer.childId(0), trial: 0, value: 1 / 3 },
        metrics: { holdout: 0.5 },
        tags: { owner: 'me', done: 'yes' },
        spec: sweepOf().spec,
        sessions: [{ conditions: { node: 'v20' } }],
      })
    })

    it('holds a trial as soon as its end was reported', async () => {
      const { store, reopen } = await fresh()
      const writer = await store.createSweep(sweepOf())
      for (let trial = 0; trial < 5; trial++) {
        void writer.trialStarted(startOf(trial))
        await writer.trialEnded(endOf(trial))
        const seen = await (await reopen()).trials(writer.id)
        expect(seen.map((run) => run.status)).toEqual(Array(trial + 1).fill('finished'))
      }
      await writer.finish({ status: 'finished' })
    })

    it('refuses numbers that JSON does not have, naming where', async () => {
      const { store } = await fresh()
      const writer = await store.createSweep(sweepOf())
      await expect(writer.trialStarted(startOf(0, { rate: Number.NaN }))).rejects.toThrow(
        /finite \(got NaN\) at trial 0\.params\.rate/,
      )
      await writer.trialStarted(startOf(0))
      await expect(writer.trialEnded({ ...endOf(0, Number.POSITIVE_INFINITY) })).rejects.toMatchObject({
        code: 'RECORD_INVALID',
      })
      const bad = { accuracy: { steps: [0, 1], values: [0.5, Number.NaN] } }
      await expect(writer.trialEnded({ ...endOf(0), history: bad })).rejects.toThrow(/accuracy\.values\[1\]/)
      await writer.trialEnded(endOf(0))
      expect((await store.trials(writer.id)).length).toBe(1)
      await writer.finish({ status: 'finished' })
    })

    it('is not touched by names such as __proto__', async () => {
      const { store, reopen } = await fresh()
      const params = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": "x"}')
      const writer = await store.createSweep(sweepOf())
      await writer.trialStarted(startOf(0, params))
      await writer.trialEnded({ ...endOf(0), metrics: JSON.parse('{"__proto__": 0.5}') })
      const [run] = await (await reopen()).trials(writer.id)
      expect(Object.entries(run.params)).toEqual(Object.entries(params))
      expect(Object.entries(run.metrics)).toEqual([['__proto__', 0.5]])
      expect(({} as { k?: number }).k).toBeUndefined()
      await writer.finish({ status: 'finished' })
    })

    it('is not changed by what the caller does to its objects afterwards', async () => {
      const { store } = await fresh()
      const writer = await store.createSweep(sweepOf())
      const params = { k: 1 }
      const started = writer.trialStarted(startOf(0, params))
      params.k = 99
      await started
      expect((await store.trials(writer.id))[0].params).toEqual({ k: 1 })
      await writer.finish({ status: 'finished' })
    })

    it('counts trials and keeps the best: by value, then by trial number, in whatever order they end', async () => {
      for (const direction of ['maximize', 'minimize'] as const) {
        const { store } = await fresh()
        const writer = await store.createSweep(sweepOf({ objectives: [{ metric: 'accuracy', direction }] }))
        for (let trial = 0; trial < 7; trial++) await writer.trialStarted(startOf(trial))
        await writer.trialEnded(endOf(5, direction === 'maximize' ? 0.9 : 0.1))
        await writer.trialEnded(endOf(2, direction === 'maximize' ? 0.9 : 0.1))
        await writer.trialEnded(endOf(3, direction === 'maximize' ? 0.9 : 0.1))
        await writer.trialEnded({ ...endOf(1, direction === 'maximize' ? 1 : 0), status: 'pruned' })
        const error = { code: 'NAN', message: 'a metric is NaN' }
        await writer.trialEnded({ ...endOf(0), status: 'failed', values: {}, metrics: {}, error })
        const [parent] = await store.sweeps()
        expect(parent.trials).toEqual({ finished: 3, pruned: 1, failed: 1, running: 2 })
        expect(parent.best).toMatchObject({ trial: 2, run: writer.childId(2) })
        expect((await store.bestRun()).trial).toBe(2)
        const [failed] = await store.trials(writer.id)
        expect(failed).toMatchObject({ status: 'failed', value: null, error })
        await writer.finish({ status: 'finished' })
      }
    })

    it('shows what a running trial has come to; an attempt that is cut off leaves nothing of it, an end all', async () => {
      const { store, reopen } = await fresh()
      const writer = await store.createSweep(sweepOf())
      const point = (step: number, value: number, time: number) => ({
        history: { accuracy: { steps: [step], values: [value], times: [time] } },
      })
      const seen = async () => (await (await reopen()).run(writer.childId(0))) as ChildRun
      await writer.trialStarted(startOf(0))
      expect(await seen()).toMatchObject({ status: 'running', history: {}, seats: [], output: [] })
      writer.trialProgress(0, { seats: [3] })
      writer.trialProgress(0, point(0, 0.5, 10))
      writer.trialProgress(0, { ...point(1, 0.75, 20), output: ['one', 'two'] })
      await vi.waitFor(async () =>
        expect(await seen()).toMatchObject({
          status: 'running',
          history: { accuracy: { steps: [0, 1], values: [0.5, 0.75], times: [10, 20] } },
          metrics: { accuracy: 0.75 },
          seats: [3],
          output: ['one', 'two'],
        }),
      )
      writer.trialProgress(0, point(2, 0.8, 30))
      await writer.finish({ status: 'interrupted' })
      expect(await seen()).toMatchObject({ status: 'interrupted', seats: [] })
      expect((await seen()).history.accuracy.values).toEqual([0.5, 0.75, 0.8])
      const again = await (await reopen()).resumeSweep(writer.id, { conditions: {} })
      await again.trialStarted(startOf(0, { k: 0 }, 2))
      expect(await seen()).toMatchObject({ status: 'running', history: {}, metrics: {} })
      again.trialProgress(0, point(0, 0.1, 5))
      await again.trialEnded(endOf(0, 0.9))
      await again.finish({ status: 'finished' })
      const ended = await seen()
      expect(ended.history).toEqual(endOf(0, 0.9).history)
      expect(Object.keys(ended)).not.toContain('output')
    })

    it('shows the last hundred lines of what a running trial prints, five hundred characters of each', async () => {
      const { store, reopen } = await fresh()
      const writer = await store.createSweep(sweepOf())
      await writer.trialStarted(startOf(0))
      const printed = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, i) => `${from + i} ${'x'.repeat(1000)}`)
      const kept = (from: number, to: number) => printed(from, to).map((line) => line.slice(0, 500))
      const seen = async () => (await (await reopen()).run(writer.childId(0))) as ChildRun
      writer.trialProgress(0, { output: printed(0, 150) })
      await vi.waitFor(async () => expect(await seen()).toMatchObject({ output: kept(50, 150) }))
      const { place, updates } = await (await reopen()).follow(writer.id)
      expect(updates.at(-1)).toMatchObject({ kind: 'progress', output: kept(50, 150) })
      for (const line of printed(150, 190)) writer.trialProgress(0, { output: [line] })
      await vi.waitFor(async () => expect(await seen()).toMatchObject({ output: kept(90, 190) }))
      const added = await (await reopen()).follow(writer.id, place)
      expect(added.updates).toMatchObject([{ kind: 'progress', output: kept(150, 190) }])
      await writer.finish({ status: 'interrupted' })
    })

    it('is followed from a place, which reads no more than what is new; written anew, it says so', async () => {
      const { store, reopen } = await fresh()
      const writer = await store.createSweep(sweepOf())
      const follower = await reopen()
      let known = await follower.follow(writer.id)
      expect(known.updates).toMatchObject([{ kind: 'sweep', run: { id: writer.id, status: 'running' } }])
      const updates: SweepUpdate[] = [...known.updates]
      const next = async () => {
        known = await follower.follow(writer.id, JSON.parse(JSON.stringify(known.place)))
        updates.push(...known.updates)
        return known
      }
      expect(await next()).toMatchObject({ updates: [], again: false, live: true })
      const error = { code: 'TIME_LIMIT', message: 'm' }
      await writer.trialStarted(startOf(0))
      await writer.attemptFailed({ trial: 0, attempt: 1, error })
      await writer.trialStarted(startOf(0, { k: 0 }, 2))
      await writer.trialEnded(endOf(0))
      const told = await next()
      expect(told.updates).toMatchObject([
        { kind: 'started', trial: 0, run: writer.childId(0), params: { k: 0 }, attempt: 1 },
        { kind: 'attempt-failed', trial: 0, run: writer.childId(0), attempt: 1, error },
        { kind: 'started', trial: 0, attempt: 2 },
        { kind: 'ended', trial: 0, run: writer.childId(0), status: 'finished', values: { accuracy: 0 } },
      ])
      await writer.artifact(0, 'model.json', '{}')
      await writer.annotate(null, { tags: { a: 'b' } })
      await next()
      await writer.finish({ status: 'finished' })
      expect((await next()).live).toBe(false)
      expect(updates.map(({ kind }) => kind).join(' ')).toBe(
        'sweep started attempt-failed started ended artifact annotated finished',
      )
      expect((await follower.follow(writer.id)).updates).toEqual(updates)
      const all = []
      for await (const { updates } of follower.watch(writer.id, { every: 1 })) all.push(...updates)
      expect(all).toEqual(updates)
      const second = await store.resumeSweep(writer.id, { conditions: {} })
      await runTrials(second, 1, 3)
      await second.finish({ status: 'finished' })
      await store.delete(writer.childId(1))
      const anew = await next()
      expect(anew.again).toBe(true)
      expect(anew.updates).toMatchObject([
        { kind: 'sweep', run: { trials: { finished: 2 } } },
        { kind: 'trial', run: { trial: 0, status: 'finished', value: 0 } },
        { kind: 'trial', run: { trial: 2, status: 'finished' } },
      ])
      await expect(follower.follow('0123456789abcdef')).rejects.toEqual(code('RUN_UNKNOWN'))
    })

    it('says which trials were deleted, when and by whom, also after the sweep went on', async () => {
      const { store, reopen } = await fresh()
      const writer = await store.createSweep(sweepOf())
      await runTrials(writer, 0, 3)
      await writer.artifact(1, 'model.json', 'one')
      await writer.finish({ status: 'finished' })
      await store.delete(writer.childId(2))
      const again = await (await reopen()).resumeSweep(writer.id, { conditions: {} })
      await runTrials(again, 3, 4)
      await again.finish({ status: 'finished' })
      const parent = (await (await reopen()).run(writer.id)) as ParentRun
      expect(parent.deleted).toEqual([
        {
          trial: 2,
          at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          by: { user: expect.any(String), host: expect.any(String) },
        },
      ])
      // An artifact is read the same by its run and by the run's id.
      const run = await store.run(writer.childId(1))
      expect(await store.readArtifact(run, 'model.json')).toEqual(
        await store.readArtifact(run.id, 'model.json'),
      )
    })

    it('has one writer a sweep, and many sweeps at once', async () => {
      const { store, reopen } = await fresh()
      const one = await store.createSweep(sweepOf())
      const two = await store.createSweep(sweepOf({ experiment: 'iris' }))
      await expect((await reopen()).resumeSweep(one.id, { conditions: {} })).rejects.toThrow(
        new RegExp(`written by process ${process.pid} on .+ since \\d{4}-`),
      )
      await expect(store.resumeSweep(two.id, { conditions: {} })).rejects.toEqual(code('SWEEP_LOCKED'))
      await expect(store.delete(one.id)).rejects.toEqual(code('SWEEP_LOCKED'))
      await expect((await reopen()).tag(one.id, { a: 'b' })).rejects.toEqual(code('SWEEP_LOCKED'))
      await Promise.all([runTrials(one, 0, 10), runTrials(two, 0, 10)])
      await one.finish({ status: 'finished' })
      await two.finish({ status: 'finished' })
      expect((await store.sweeps()).map((run) => run.trials.finished)).toEqual([10, 10])
      const again = await store.resumeSweep(one.id, { conditions: {} })
      await again.finish({ status: 'finished' })
    })

    it('takes up a sweep again: sessions, attempts cut off, new trials', async () => {
      const { store, reopen } = await fresh()
      const first = await store.createSweep(sweepOf())
      await runTrials(first, 0, 2)
      await first.trialStarted(startOf(2))
      await first.attemptFailed({ trial: 2, attempt: 1, error: { code: 'OUT_OF_MEMORY', message: 'm' } })
      await first.trialStarted(startOf(2, { k: 2 }, 2))
      await first.finish({ status: 'interrupted' })
      expect((await store.run(first.id)).status).toBe('interrupted')
      expect((await store.run(first.childId(2))).status).toBe('interrupted')

      const second = await (await reopen()).resumeSweep(first.id.slice(0, 12), {
        conditions: { node: 'v22' },
        spec: { trials: 5 },
      })
      expect(second.id).toBe(first.id)
      expect(((await store.run(first.id)) as ParentRun).trials.running).toBe(0)
      await second.trialStarted(startOf(2, { k: 2 }, 3))
      await second.trialEnded(endOf(2))
      await runTrials(second, 3, 5)
      await second.finish({ status: 'finished' })
      const parent = (await store.run(first.id)) as ParentRun
      expect(parent).toMatchObject({ status: 'finished', spec: { trials: 5 }, trials: { finished: 5 } })
      expect(parent.sessions.map((session) => session.conditions)).toEqual([{ node: 'v20' }, { node: 'v22' }])
      const runs = await store.trials(first.id)
      expect(runs.map((run) => run.trial)).toEqual([0, 1, 2, 3, 4])
      expect(runs[2].attempts).toEqual([
        {
          attempt: 1,
          started: expect.any(String),
          ended: expect.any(String),
          error: { code: 'OUT_OF_MEMORY', message: 'm' },
        },
        { attempt: 2, started: expect.any(String), ended: null, error: null },
      ])
    })

    it('refuses an end without a beginning, and a second end', async () => {
      const { store } = await fresh()
      const writer = await store.createSweep(sweepOf())
      await expect(writer.trialEnded(endOf(0))).rejects.toThrow(/trial 0 never began/)
      await runTrials(writer, 0, 1)
      await expect(writer.trialEnded(endOf(0))).rejects.toThrow(/trial 0 is finished/)
      await expect(writer.trialStarted(startOf(0))).rejects.toThrow(/begins once/)
      await writer.finish({ status: 'finished' })
      await expect(writer.trialStarted(startOf(1))).rejects.toThrow(/was finished/)
    })

    it('finds runs by id and by unique prefix', async () => {
      const { store } = await fresh()
      const writer = await store.createSweep(sweepOf())
      await runTrials(writer, 0, 40)
      await writer.finish({ status: 'finished' })
      for (const run of await store.trials(writer.id)) {
        expect((await store.run(run.id)).id).toBe(run.id)
        expect(writer.childId(run.trial)).toBe(run.id)
      }
      expect((await store.run(writer.childId(7).slice(0, 12).toUpperCase())).id).toBe(writer.childId(7))
      expect((await store.run(writer.id.slice(0, 12))).id).toBe(writer.id)
      await expect(store.run('')).rejects.toEqual(code('RUN_AMBIGUOUS'))
      await expect(store.run('')).rejects.toThrow(/trial 0 of/)
      await expect(store.run('nothing')).rejects.toThrow(/espalier runs list/)
      await expect(store.trials('0123456789abcdef')).rejects.toEqual(code('RUN_UNKNOWN'))
    })

    it('keeps artifacts and notices when one was changed', async () => {
      const { store, reopen } = await fresh()
      const writer = await store.createSweep(sweepOf())
      await runTrials(writer, 0, 1)
      const artifact = await writer.artifact(0, 'model.json', '{"tree":1}')
      expect(artifact).toMatchObject({ name: 'model.json', bytes: 10 })
      await writer.artifact(null, 'logs/diff.patch', new Uint8Array([1, 2, 255]))
      await writer.artifact(0, 'model.json', '{"tree":2}')
      await expect(writer.artifact(0, '../model.json', '')).rejects.toEqual(code('USAGE'))
      await expect(writer.artifact(0, '/tmp/x', '')).rejects.toEqual(code('USAGE'))
      await expect(writer.artifact(0, 'a/../../x', '')).rejects.toEqual(code('USAGE'))
      await expect(writer.artifact(9, 'model.json', '')).rejects.toThrow(/Trial 9 must have begun/)
      await writer.finish({ status: 'finished' })

      const reader = await reopen()
      const child = await reader.run(writer.childId(0))
      expect(child.artifacts.map((one) => one.name)).toEqual(['model.json'])
      expect(Buffer.from(await reader.readArtifact(child.id, 'model.json')).toString()).toBe('{"tree":2}')
      expect([...(await reader.readArtifact(writer.id, 'logs/diff.patch'))]).toEqual([1, 2, 255])
      expect(reader.artifactPath(child.id.slice(0, 10), 'model.json')).toBe(
        reader.artifactPath(child, 'model.json'),
      )
      await expect(reader.readArtifact(child.id, 'nothing.json')).rejects.toThrow(/it has model\.json/)
    })

    it('tags, notes, annotates', async () => {
      const { store } = await fresh()
      const writer = await store.createSweep(sweepOf())
      await runTrials(writer, 0, 2)
      await writer.annotate(1, {
        metrics: { holdout: 0.7 },
        tags: { best: 'yes' },
        conditions: { arrival: 2 },
      })
      await store.tag(writer.childId(1), { kind: 'while running' })
      await writer.finish({ status: 'finished' })
      await store.tag(writer.childId(1), { best: null, kind: 'after' })
      await store.note(writer.id, 'a good one')
      const child = (await store.run(writer.childId(1))) as ChildRun
      expect(child.tags).toEqual({ kind: 'after' })
      expect(child.metrics).toMatchObject({ accuracy: 0.1, holdout: 0.7 })
      expect(child.conditions).toMatchObject({ seed: 7, arrival: 2 })
      expect((await store.run(writer.id)).tags).toEqual({ 'espalier.note': 'a good one' })
      expect((await store.run(writer.id)).status).toBe('finished')
      await store.note(writer.id, '')
      expect((await store.run(writer.id)).tags).toEqual({})
    })

    it('deletes a trial, and a sweep with its trials', async () => {
      const { store, reopen } = await fresh()
      const writer = await store.createSweep(sweepOf())
      await runTrials(writer, 0, 4)
      await writer.artifact(3, 'model.json', '{}')
      await writer.finish({ status: 'finished' })
      await store.delete(writer.childId(3))
      const parent = (await (await reopen()).run(writer.id)) as ParentRun
      expect(parent).toMatchObject({ trials: { finished: 3 }, best: { trial: 2 } })
      expect((await store.trials(writer.id)).map((run) => run.trial)).toEqual([0, 1, 2])
      await expect(store.run(writer.childId(3))).rejects.toEqual(code('RUN_UNKNOWN'))
      await expect(store.readArtifact(writer.childId(3), 'model.json')).rejects.toEqual(code('RUN_UNKNOWN'))
      await store.delete(writer.id)
      expect(await store.sweeps()).toEqual([])
      expect(await store.experiments()).toEqual([])
      await expect(store.run(writer.childId(0))).rejects.toEqual(code('RUN_UNKNOWN'))
    })

    it('lists experiments and sweeps, and picks the best among them', async () => {
      const { store } = await fresh()
      const values: Record<string, number[]> = { wine: [0.4, 0.9], 'a "b"/c\n': [0.9, 0.2] }
      const ids: string[] = []
      for (const [experiment, list] of Object.entries(values)) {
        const writer = await store.createSweep(sweepOf({ experiment }))
        for (const [trial, value] of list.entries()) {
          await writer.trialStarted(startOf(trial))
          await writer.trialEnded({ ...endOf(trial, value), metrics: { accuracy: value, loss: trial } })
        }
        await writer.finish({ status: 'finished' })
        ids.push(writer.id)
        // Sweeps are told apart by the millisecond they began in.
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      expect((await store.experiments()).map(({ name, sweeps }) => [name, sweeps])).toEqual([
        ['wine', 1],
        ['a "b"/c\n', 1],
      ])
      expect((await store.sweeps()).map((run) => run.id)).toEqual(ids.toReversed())
      expect(await store.bestRun()).toMatchObject({ parent: ids[0], trial: 1, value: 0.9 })
      expect(await store.bestRun({ experiment: 'a "b"/c\n' })).toMatchObject({ parent: ids[1], trial: 0 })
      expect(await store.bestRun({ direction: 'minimize' })).toMatchObject({ parent: ids[1], trial: 1 })
      expect(await store.bestRun({ metric: 'loss', direction: 'maximize' })).toMatchObject({
        parent: ids[0],
        trial: 1,
      })
      await expect(store.bestRun({ metric: 'loss' })).rejects.toThrow(/--direction/)
      await expect(store.bestRun({ metric: 'nothing', direction: 'maximize' })).rejects.toEqual(
        code('RUN_NONE'),
      )
      await expect(store.bestRun({ experiment: 'none' })).rejects.toEqual(code('RUN_NONE'))
      const other = await store.createSweep(
        sweepOf({ objectives: [{ metric: 'accuracy', direction: 'minimize' }] }),
      )
      await runTrials(other, 0, 1)
      await expect(store.bestRun()).rejects.toThrow(/some of these sweeps minimize accuracy/)
      await other.finish({ status: 'finished' })
      await expect(store.createSweep(sweepOf({ experiment: '' }))).rejects.toThrow(/not empty/)
    })

    it('chooses, orders, compares and exports runs', async () => {
      const { store } = await fresh()
      const writer = await store.createSweep(sweepOf())
      for (const [trial, k] of [9, 10, 100].entries()) {
        await writer.trialStarted(startOf(trial, { k, name: `n,"${trial}"` }))
        await writer.trialEnded(endOf(trial, 0.9 + trial / 100))
      }
      await writer.finish({ status: 'finished' })
      const chosen = await store.runs({
        where: 'params.k >= 10 and metrics.accuracy < 0.92',
        sweep: writer.id,
      })
      expect(chosen.map((run) => run.trial)).toEqual([1])
      expect((await store.runs({ orderBy: 'params.k desc', limit: 2 })).map((run) => run.trial)).toEqual([
        2, 1,
      ])
      expect((await store.sweeps({ where: "finished = 3 and experiment like 'wi%'" })).length).toBe(1)
      await expect(store.runs({ where: 'metrics.acuracy > 1' })).rejects.toThrow(/metrics\.accuracy/)
      const comparison = await store.compare([writer.childId(0), writer.childId(1)])
      const k = comparison.fields.find(({ field }) => field === 'params.k')
      expect(k).toEqual({ field: 'params.k', values: [9, 10], differs: true })
      expect(comparison.fields.find(({ field }) => field === 'status')?.differs).toBe(false)
      const csv = await store.exportRuns({ orderBy: 'trial' }, 'csv')
      expect(csv.split('\r\n')[0]).toMatch(
        /^run,parent,experiment,trial,.*params\.k,params\.name,metrics\.accuracy/,
      )
      expect(csv).toContain('"n,""1"""')
      const json = JSON.parse(await store.exportRuns({ where: 'trial = 2' }, 'json'))
      expect(json).toMatchObject([{ trial: 2, 'params.k': 100, 'metrics.accuracy': 0.92 }])
    })

    it('shows readers whole records while it is written', async () => {
      const { store, reopen } = await fresh()
      const writer = await store.createSweep(sweepOf())
      const reader = await reopen()
      let writing = true
      const written = runTrials(writer, 0, 300).then(() => {
        writing = false
      })
      let seen = 0
      let reads = 0
      while (writing) {
        const runs = await reader.trials(writer.id)
        const finished = runs.filter((run) => run.status === 'finished')
        expect(runs.map((run) => run.trial)).toEqual(runs.map((_, index) => index))
        expect(finished.length).toBeGreaterThanOrEqual(seen)
        for (const run of finished) expect(run.metrics.accuracy).toBe(run.trial / 10)
        seen = finished.length
        const parent = (await reader.run(writer.id)) as ParentRun
        expect(parent.status).toBe('running')
        expect(parent.trials.finished).toBeGreaterThanOrEqual(seen)
        reads++
      }
      await written
      expect(reads).toBeGreaterThan(1)
      expect(reader.warnings).toEqual([])
      await writer.finish({ status: 'finished' })
    })
  })
}
