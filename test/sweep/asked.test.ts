/** What is asked of a sweep while it runs: what becomes of it, and that the record alone gives the same sweep again. */
import { describe, expect, it, vi } from 'vitest'
import type { SweepEvent } from '../../src/sweep/index.js'
import { type Act, openStore, type RequestAnswer } from '../../src/tracking/index.js'
import { essence, type MiniSweep, miniSweep, sleep, temporaryDirectory, toRecord } from './support.js'

/** Runs a sweep, asks things of it as its trials start, and gives what became of all of it. */
async function askedSweep(
  options: MiniSweep,
  when: Readonly<Record<number, readonly Act[]>>,
): Promise<Awaited<ReturnType<typeof miniSweep>> & { answers: RequestAnswer[] }> {
  const directory = await temporaryDirectory()
  const answers: Promise<RequestAnswer>[] = []
  const store = await openStore(directory)
  const askAt = async (trial: number) => {
    if (when[trial] === undefined) return
    const [{ id }] = await store.sweeps()
    for (const act of when[trial]) {
      const answer = store.ask(id, act, { by: ada })
      answers.push(answer)
      // The trial runs until it is answered, and the next one is asked after it.
      await answer
    }
  }
  const objectiveOf = options.objectiveOf ?? (async () => 1)
  const result = await miniSweep({
    ...options,
    store: directory,
    requests: true,
    objectiveOf: async (params, context) => {
      await askAt(context.trial)
      return objectiveOf(params, context)
    },
  })
  return { ...result, answers: await Promise.all(answers) }
}

const ada = { user: 'ada', host: 'engine' }
const asked = (events: readonly SweepEvent[]) =>
  events.flatMap((event) => (event.type === 'asked' ? [event] : []))

describe('what is asked of a sweep that runs', () => {
  it('ends as many of its first trials as one likes, which says nothing of the others', async () => {
    const ended = [0, 1, 2, 3, 4]
    const { answers, end } = await askedSweep(
      { trials: 7, parallel: 1 },
      Object.fromEntries(ended.map((trial) => [trial, [{ kind: 'end-trial', trial }]])),
    )
    expect(answers.map(({ outcome }) => outcome)).toEqual(ended.map(() => 'done'))
    expect(end.counts).toEqual({ finished: 2, pruned: 0, failed: 5 })
    expect(end.stopped).toBeNull()
  })

  it('stands on its record with who asked and what became of it, and its file is gone', async () => {
    const { answers, store, run, events } = await askedSweep(
      { trials: 3, parallel: 1 },
      {
        1: [
          { kind: 'tag', trial: null, tags: { owner: 'ada' } },
          { kind: 'note', trial: 0, text: 'look at this' },
          { kind: 'tag', trial: 7, tags: { owner: 'ada' } },
        ],
      },
    )
    expect(answers.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'refused'])
    const opened = await openStore(store)
    const [parent] = await opened.sweeps()
    expect(parent.tags.owner).toBe('ada')
    expect((await opened.trials(run))[0].tags['espalier.note']).toBe('look at this')
    expect(
      parent.requests.map(({ by, act, outcome, trial }) => ({ by, act: act.kind, outcome, trial })),
    ).toEqual([
      { by: ada, act: 'tag', outcome: 'done', trial: null },
      { by: ada, act: 'note', outcome: 'done', trial: 0 },
      { by: ada, act: 'tag', outcome: 'refused', trial: null },
    ])
    // Labels are the record's affair, but whoever looks on is told of them too.
    expect(asked(events).length).toBe(0)
    const { updates } = await opened.follow(run)
    expect(updates.flatMap((one) => (one.kind === 'asked' ? [one.request.outcome] : []))).toEqual([
      'done',
      'done',
      'refused',
    ])
  })

  it('stop: ends as Ctrl-C does, and goes on afterwards to the sweep it would have been', async () => {
    const whole = await miniSweep({ trials: 8, parallel: 2 })
    const { answers, end, store, run, trials } = await askedSweep(
      { trials: 8, parallel: 2 },
      {
        2: [{ kind: 'stop' }],
      },
    )
    expect(answers[0]).toMatchObject({ outcome: 'done' })
    expect(end).toMatchObject({ status: 'interrupted', stopped: 'interrupt' })
    expect(trials.length).toBeLessThan(8)
    expect(trials.every(({ status }) => status === 'finished')).toBe(true)
    const again = await miniSweep({ trials: 8, parallel: 2, store, sweep: run, record: trials.map(toRecord) })
    const params = (of: typeof again) => of.trials.map((one) => one.params)
    expect(params(again)).toEqual(params(whole))
  })

  it('enqueue: the next trial that is not suggested yet gets the params, and the search goes on beside it', async () => {
    for (const algorithm of ['grid', 'sobol', 'random'] as const) {
      const options = { trials: 10, parallel: 1, algorithm }
      const plain = await miniSweep(options)
      const { trials, answers } = await askedSweep(options, {
        3: [
          { kind: 'enqueue', params: { x: 0.125, k: 3 } },
          { kind: 'enqueue', params: { x: 0.25, k: 2 } },
          { kind: 'enqueue', params: { x: 99, k: 2 } },
        ],
      })
      expect(answers.map(({ outcome, trial }) => [outcome, trial])).toEqual([
        ['done', 4],
        ['done', 5],
        ['refused', null],
      ])
      expect(answers[2].message).toMatch(/x.*must be/)
      expect(trials[4].params).toEqual({ x: 0.125, k: 3 })
      expect(trials[5].params).toEqual({ x: 0.25, k: 2 })
      expect(trials[4].conditions.origin).toMatchObject({
        rule: 'requested',
        request: answers[0].id,
        by: ada,
      })
      // Bit for bit until then; places in a grid and a sequence go on where they were.
      const own = trials.filter((_, i) => i !== 4 && i !== 5).map(({ params }) => params)
      const same = algorithm === 'random' ? 4 : 8
      expect(own.slice(0, same)).toEqual(plain.trials.slice(0, same).map(({ params }) => params))
    }
  })

  it('extend: comes to more trials, also when the last one runs', async () => {
    const { trials, answers, end, store } = await askedSweep(
      { trials: 4, parallel: 2 },
      {
        3: [{ kind: 'extend', by: 3 }],
      },
    )
    expect(answers[0]).toMatchObject({ outcome: 'done', message: 'it comes to 7 trials' })
    expect(trials.length).toBe(7)
    expect(end).toMatchObject({ status: 'finished', trials: 7 })
    const [parent] = await (await openStore(store)).sweeps()
    expect(parent.spec.trials).toBe(7)
    const plain = await miniSweep({ trials: 7, parallel: 2 })
    expect(trials.map(({ params }) => params)).toEqual(plain.trials.map(({ params }) => params))
  })

  it('end-trial: prunes one that has reported its objective, fails one that has not, and runs neither again', async () => {
    const started = new Set<number>()
    const { trials, answers, events, end } = await askedSweep(
      {
        trials: 5,
        parallel: 3,
        workers: 3,
        retries: 2,
        objectiveOf: async (_, { trial, report, signal }) => {
          if (started.has(trial)) throw new Error('runs twice')
          started.add(trial)
          if (trial === 1) await report(4, { value: -50 })
          if (trial === 1 || trial === 2)
            await new Promise((resolve) => signal.addEventListener('abort', resolve))
          return trial
        },
      },
      {
        0: [
          { kind: 'end-trial', trial: 1 },
          { kind: 'end-trial', trial: 2 },
          { kind: 'end-trial', trial: 4 },
        ],
      },
    )
    expect(answers.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'refused'])
    expect(trials.map(({ status }) => status)).toEqual([
      'finished',
      'pruned',
      'failed',
      'finished',
      'finished',
    ])
    expect(trials[1]).toMatchObject({
      value: -50,
      conditions: { pruned: { rule: 'requested', step: 4, request: answers[0].id, by: ada } },
    })
    expect(trials[2].error).toMatchObject({ code: 'ENDED_BY_REQUEST', message: expect.stringMatching(/ada/) })
    expect(trials[2].attempts).toEqual([])
    // The value of what was stopped is never the best.
    expect(end.best?.trial).toBe(0)
    expect(asked(events).map(({ request }) => request.outcome)).toEqual(['done', 'done', 'refused'])
  })

  it('end-trial: of several folds, what the folds that ended came to is the value, less sure than a whole one', async () => {
    const directory = await temporaryDirectory()
    let answer: Promise<RequestAnswer> | null = null
    const { trials, end } = await miniSweep({
      store: directory,
      trials: 3,
      parallel: 1,
      workers: 1,
      folds: 4,
      requests: true,
      foldOf: async (_, { trial, fold, signal }) => {
        if (trial !== 1 || fold < 2) return 10 * trial + fold
        if (fold === 2) {
          const store = await openStore(directory)
          answer = store.ask((await store.sweeps())[0].id, { kind: 'end-trial', trial: 1 }, { by: ada })
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        }
        return 0
      },
    })
    expect(await answer).toMatchObject({ outcome: 'done', trial: 1 })
    expect(trials.map(({ status }) => status)).toEqual(['finished', 'pruned', 'finished'])
    expect(trials[1]).toMatchObject({ value: 10.5, metrics: { value: 10.5 } })
    // s² = 0.5 over two of four folds: s² (1/2 − 1/4).
    expect(trials[1].conditions.pruned).toMatchObject({ rule: 'requested', step: 1, extraNoise: 0.125 })
    expect(end.best?.trial).toBe(0)
  })

  it('end-trial: holds for a trial whose process died before its end was on record', async () => {
    const directory = await temporaryDirectory()
    const ran: number[] = []
    const kill = new AbortController()
    const first = await miniSweep({
      store: directory,
      trials: 3,
      parallel: 1,
      requests: true,
      kill: kill.signal,
      writer: (writer) => ({
        ...writer,
        id: writer.id,
        childId: (trial) => writer.childId(trial),
        trialStarted: (start) => writer.trialStarted(start),
        trialProgress: (trial, progress) => writer.trialProgress(trial, progress),
        attemptFailed: (failure) => writer.attemptFailed(failure),
        artifact: (trial, name, content) => writer.artifact(trial, name, content),
        annotate: (trial, what) => writer.annotate(trial, what),
        heed: (decide) => writer.heed(decide),
        finish: (finished) => writer.finish(finished),
        // As if the process died in this moment.
        trialEnded: async (ended) => {
          if (ended.trial !== 1) return writer.trialEnded(ended)
          kill.abort()
          throw new Error('dead')
        },
      }),
      objectiveOf: async (_, { trial, signal }) => {
        if (trial === 1) {
          const store = await openStore(directory)
          void store.ask((await store.sweeps())[0].id, { kind: 'end-trial', trial: 1 }, { by: ada })
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        }
        return trial
      },
    }).catch((error: Error) => error.message)
    expect(first).toBe('dead')
    const store = await openStore(directory)
    const [parent] = await store.sweeps()
    const record = (await store.trials(parent.id)).map(toRecord)
    expect(record.map(({ outcome }) => outcome?.status ?? null)).toEqual(['finished', null])
    const { trials } = await miniSweep({
      store: directory,
      sweep: parent.id,
      trials: 3,
      parallel: 1,
      record,
      requests: parent.requests,
      objectiveOf: (_, { trial }) => {
        ran.push(trial)
        return trial
      },
    })
    expect(ran).toEqual([2])
    expect(trials[1]).toMatchObject({ status: 'failed', error: { code: 'ENDED_BY_REQUEST' } })
  })

  it('is refused with the remedy where the sweep does not run, but labels are put on', async () => {
    const { store, run } = await miniSweep({ trials: 2 })
    const opened = await openStore(store)
    for (const act of [
      { kind: 'stop' },
      { kind: 'end-trial', trial: 0 },
      { kind: 'extend', by: 2 },
      { kind: 'enqueue', params: { x: 0, k: 1 } },
    ] as Act[])
      expect(await opened.ask(run, act)).toMatchObject({ outcome: 'refused' })
    expect((await opened.ask(run, { kind: 'extend', by: 2 })).message).toMatch(
      new RegExp(`espalier resume ${run} --trials N`),
    )
    expect(await opened.ask(run, { kind: 'note', trial: null, text: 'done' }, { by: ada })).toMatchObject({
      outcome: 'done',
    })
    const parent = (await opened.sweeps())[0]
    expect(parent.tags['espalier.note']).toBe('done')
    expect(parent.requests).toMatchObject([{ by: ada, act: { kind: 'note' }, outcome: 'done' }])
  })

  it('is taken back where nobody takes it up in time', async () => {
    const directory = await temporaryDirectory()
    const store = await openStore(directory)
    const writer = await store.createSweep({
      experiment: 'deaf',
      name: 'deaf',
      objectives: [{ metric: 'value', direction: 'minimize' }],
      spec: {},
      conditions: {},
    })
    const answer = await (await openStore(directory)).ask(writer.id, { kind: 'stop' }, { patience: 200 })
    expect(answer).toMatchObject({ outcome: 'unanswered', message: expect.stringMatching(/taken back/) })
    const heard = vi.fn()
    writer.heed((request) => {
      heard(request)
      return { outcome: 'done', message: 'heard', trial: null }
    })
    await writer.finish({ status: 'finished' })
    expect(heard).not.toHaveBeenCalled()
  })
})

describe('a record with requests', () => {
  it('gives the same suggestions again, whatever the timing and the workers', async () => {
    const options = { trials: 12, parallel: 3, algorithm: 'sobol' as const }
    const { trials, store, end } = await askedSweep(options, {
      2: [{ kind: 'enqueue', params: { x: 0.5, k: 1 } }],
      5: [
        { kind: 'extend', by: 2 },
        { kind: 'enqueue', params: { x: -0.5, k: 4 } },
      ],
    })
    expect(trials.length).toBe(14)
    const { requests } = (await (await openStore(store)).sweeps())[0]
    for (const workers of [1, 4]) {
      const again = await miniSweep({
        ...options,
        trials: 14,
        workers,
        requests,
        objectiveOf: async ({ x, k }) => {
          await sleep(Number(k))
          return (x as number) ** 0 === 1 ? 1 : 0
        },
      })
      expect(essence(again)).toEqual(essence({ end, trials }))
    }
  })
})
