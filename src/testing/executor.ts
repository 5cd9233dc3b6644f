/**
 * The laws of Executor, which every implementation keeps. What only threads can keep (ending a synchronous
 * loop, surviving exhausted memory or process.exit) is asked of those that say they have threads.
 *
 * Nothing here needs the memory, the functions or the clock of the process a fit runs in: an executor is made from a
 * plan that can be sent (modules by their files, arrays that may be copied), and is judged by what it answers and when
 * that arrives here.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Device,
  type Executor,
  type ExecutorOptions,
  type FitOutcome,
  type FitRequest,
  seatsOf,
} from '../execution/index.js'
import { randomStream } from '../numeric/index.js'
import type { FitPlan } from '../training/index.js'
import type { Params } from '../values.js'
import type { TestFramework } from './framework.js'

export interface ExecutorAbilities {
  /** Fits run in threads of their own, or in processes, which can be ended. */
  readonly threads: boolean
  /** ms that a request and its answer may be under way, there and back: 0 unless stated. */
  readonly distance?: number
}

export type MakeExecutor = (options: ExecutorOptions) => Promise<Executor>

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}.mjs`, import.meta.url))

/** The plan of an objective in a module of fixtures/. */
export function objectivePlan(name = 'behaviours'): FitPlan {
  return {
    trainer: { kind: 'module', file: fixture(name) },
    data: null,
    resampling: null,
    seed: 1,
    objectiveMetric: 'value',
  }
}

/** A plan for mean.mjs: y = 0 … rows − 1, in folds by turns, on shared memory. */
export function meanPlan(rows = 12, folds = 3): FitPlan {
  const shared = (length: number) => new SharedArrayBuffer(length * 8)
  const index = new Int32Array(new SharedArrayBuffer(rows * 4)).map((_, i) => i)
  const values = new Float64Array(shared(rows))
  const target = new Float64Array(shared(rows))
  const assignment = new Int32Array(new SharedArrayBuffer(rows * 4))
  for (let i = 0; i < rows; i++) {
    index[i] = i
    target[i] = i
    assignment[i] = i % folds
  }
  return {
    trainer: { kind: 'module', file: fixture('mean') },
    data: {
      columns: [{ name: 'x', kind: 'number', values }],
      index,
      rows,
      target: { kind: 'numbers', name: 'y', values: target },
    },
    resampling: { assignment, folds },
    seed: 1,
    objectiveMetric: 'rmse',
  }
}

export function whole(trial: number, params: Params, timeLimit = Number.POSITIVE_INFINITY): FitRequest {
  return { trial, attempt: 0, part: { kind: 'whole' }, params, timeLimit }
}

export function part(trial: number, what: FitRequest['part'], params: Params = {}): FitRequest {
  return { trial, attempt: 0, part: what, params, timeLimit: Number.POSITIVE_INFINITY }
}

/** `finished`, or the failure's code, or how else it ended. */
export function ending(outcome: FitOutcome): string {
  return outcome.status === 'failed' ? outcome.code : outcome.status
}

export function metricsOf(outcome: FitOutcome): Record<string, number> {
  if (outcome.status !== 'finished') throw new Error(`not finished: ${JSON.stringify(outcome)}`)
  return { ...outcome.result.metrics }
}

export function reasonOf(outcome: FitOutcome): string {
  if (outcome.status !== 'failed') throw new Error(`not failed: ${JSON.stringify(outcome)}`)
  return outcome.reason
}

/** What one fit wrote down of itself, many times over, for as long as it went on. */
export interface SeatMark {
  readonly id: number
  readonly devices: readonly string[]
  /** `CUDA_VISIBLE_DEVICES` of its own. */
  readonly visible: string
}

/**
 * The law of devices: at no moment do two running fits share a device, unless shares were asked for, and then no more than fit on one.
 * Fits write themselves down for as long as anything of them goes on, however they are ended; so between the first mark of one and its
 * last there are no marks of others on its devices.
 *
 * @param plan of fits with params `file` (where they write), `id`, `ms` and `how`: these, with `report` among them where they report.
 */
export function devicesLaw(
  framework: Pick<TestFramework, 'it' | 'expect'>,
  make: MakeExecutor,
  plan: FitPlan,
  hows: readonly string[],
): void {
  const { it, expect } = framework
  for (const [count, each, sharing] of [
    [3, 1, 1],
    [4, 2, 1],
    [2, 0.5, 2],
  ])
    it(`never lets fits share what they must not, with ${each} of ${count} devices each`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'espalier-devices-'))
      const file = join(folder, 'marks')
      const devices = Array.from({ length: count }, (_, i): Device => {
        return { id: String(i), kind: 'named', uuid: null, name: null, memoryMB: null, driver: null }
      })
      const seats = seatsOf(devices, each)
      const executor = await make({ plan, workers: seats.length, memoryLimit: null, seats, grace: 20 })
      try {
        await executor.ready()
        const random = randomStream(count, 'devices')
        const runs = Array.from({ length: 8 * hows.length }, (_, id) => {
          const how = hows[id % hows.length]
          const controller = new AbortController()
          const ms = 1 + random.integer(80)
          const params = { file, id, how, ms }
          // One that does not end by itself is ended: by its time, or from outside.
          const endless = how === 'loop' || how === 'stubborn'
          const limited = endless && random.next() < 0.5
          const stopped = (endless && !limited) || random.next() < 0.25
          const reason = random.next() < 0.5 ? 'prune' : undefined
          return executor.run(whole(id, params, limited ? 150 : undefined), {
            signal: controller.signal,
            onStart: ({ seat, devices }) => {
              expect(devices).toEqual(seats[seat].devices)
              if (stopped) setTimeout(() => controller.abort(reason), endless ? 150 : ms / 2)
            },
            onReport: () => (random.next() < 0.05 ? 'prune' : 'continue'),
          })
        })
        const ends = new Set((await Promise.all(runs)).map(ending))
        expect(ends.size).toBeGreaterThan(2)
      } finally {
        await executor.close()
      }
      const marks = marksIn(file)
      for (const { id } of devices) expect(mostAtOnce(marks, id)).toBeLessThanOrEqual(sharing)
      // It can be seen that there was something to keep apart.
      expect(new Set(marks.flatMap(({ devices }) => devices)).size).toBe(each > 1 ? 4 : count)
      for (const { devices, visible } of marks) expect(visible).toBe(devices.join(','))
      rmSync(folder, { recursive: true, force: true })
    })
}

function marksIn(file: string): SeatMark[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as SeatMark)
}

/** How many fits at most were between their first mark and their last at the same time on this device. */
function mostAtOnce(marks: readonly SeatMark[], device: string): number {
  const last = new Map<number, number>()
  const own = marks.filter(({ devices }) => devices.includes(device))
  for (const [at, { id }] of own.entries()) last.set(id, at)
  const under = new Set<number>()
  let most = 0
  for (const [at, { id }] of own.entries()) {
    under.add(id)
    most = Math.max(most, under.size)
    if (last.get(id) === at) under.delete(id)
  }
  return most
}

export function executorLaws(
  framework: TestFramework,
  name: string,
  make: MakeExecutor,
  abilities: ExecutorAbilities,
): void {
  const { describe, it, expect, beforeAll, afterAll } = framework
  const { distance = 0 } = abilities
  const soon = 1500 + distance
  describe(`${name}: the laws of an executor`, () => {
    describe('with one worker', () => {
      let executor: Executor
      // One for all of these: whatever a fit did, the next finds the executor as good as new.
      beforeAll(async () => {
        executor = await make({ plan: objectivePlan(), workers: 1, memoryLimit: null, grace: 100 })
        await executor.ready()
      })
      afterAll(() => executor.close())
      const does = (what: string, more: Params = {}, timeLimit?: number) =>
        executor.run(whole(0, { do: what, ...more }, timeLimit))

      it('gives what the objective returned', async () => {
        expect(metricsOf(await does('value', { x: 7 }))).toEqual({ value: 7 })
      })

      it('starts folds and wholes first, then earlier trials, then earlier folds', async () => {
        const plan = meanPlan()
        const own = await make({ plan, workers: 1, memoryLimit: null })
        await own.ready()
        const requests = [
          part(2, { kind: 'final' }),
          part(1, { kind: 'final' }),
          part(3, { kind: 'fold', fold: 1 }),
          part(3, { kind: 'fold', fold: 0 }),
          part(2, { kind: 'fold', fold: 2 }),
          part(4, { kind: 'fold', fold: 0 }),
          part(2, { kind: 'fold', fold: 0 }),
        ]
        const ended: string[] = []
        await Promise.all(
          requests.map(async (request) => {
            expect((await own.run(request)).status).toBe('finished')
            const { trial, part } = request
            ended.push(`${trial} ${part.kind === 'fold' ? part.fold : part.kind}`)
          }),
        )
        expect(ended).toEqual(['2 0', '2 2', '3 0', '3 1', '4 0', '1 final', '2 final'])
        await own.close()
      })

      for (const [what, code, reason] of [
        ['throwError', 'TRAINER_THREW', /the wrong kind of thing/],
        ['throwNumber', 'TRAINER_THREW', /42/],
        ['throwNull', 'TRAINER_THREW', /null/],
        ['throwUndefined', 'TRAINER_THREW', /undefined/],
        ['throwProxy', 'TRAINER_THREW', /./],
        ['throwGetter', 'TRAINER_THREW', /./],
        ['nan', 'METRIC_NOT_FINITE', /NaN/],
        ['text', 'RESULT_INVALID', /./],
        ['nothing', 'RESULT_INVALID', /./],
        ['circular', 'RESULT_INVALID', /"itself" as \[object Object\]/],
        ['manyMetrics', 'RESULT_INVALID', /20000 metrics/],
        ['getterThrows', 'TRAINER_THREW', /no more/],
        ['proxyMetrics', 'TRAINER_THREW', /a trap of the proxy/],
      ] as const)
        it(`${what} is one failed fit, ${code}, and the next goes well`, async () => {
          const outcome = await does(what)
          expect(ending(outcome)).toBe(code)
          expect(reasonOf(outcome)).toMatch(reason)
          expect((await does('value')).status).toBe('finished')
        })

      it('hands over what had to be left out of the record', async () => {
        const outcome = await does('reportNan')
        expect([ending(outcome), outcome.notes]).toEqual([
          'finished',
          [{ about: 'metric loss', message: expect.stringMatching(/"loss" was NaN at step 0/) }],
        ])
      })

      it('bounds a reason', async () => {
        expect(reasonOf(await does('throwLong')).length).toBeLessThan(3000)
      })

      it('ends a promise that never resolves at its time limit', async () => {
        const began = performance.now()
        const outcome = await does('never', {}, 150)
        expect(ending(outcome)).toBe('TIME_LIMIT')
        expect(reasonOf(outcome)).toMatch(/0\.15 s/)
        expect(performance.now() - began).toBeGreaterThan(145)
        expect(performance.now() - began).toBeLessThan(soon)
        expect((await does('value')).status).toBe('finished')
      })

      it('counts a time limit from the start of the fit, not from the request', async () => {
        const outcomes = await Promise.all(
          Array.from({ length: 6 }, (_, trial) => executor.run(whole(trial, { do: 'clock', ms: 60 }, 250))),
        )
        expect(outcomes.map(ending)).toEqual(Array(6).fill('finished'))
      })

      it('counts no time for which a fit waits for the answers to its reports', async () => {
        const answered = async (ms: number): Promise<'continue'> => {
          await new Promise((resolve) => setTimeout(resolve, ms))
          return 'continue'
        }
        const began = performance.now()
        const outcome = await executor.run(whole(0, { do: 'reports', steps: 4 }, 400), {
          onReport: () => answered(200),
        })
        expect(ending(outcome)).toBe('finished')
        expect(performance.now() - began).toBeGreaterThan(400)
        if (outcome.status === 'finished') expect(outcome.result.fitSeconds).toBeLessThan(0.4)
        const late = executor.run(whole(0, { do: 'never' }, 150), { onReport: () => answered(200) })
        expect(ending(await late)).toBe('TIME_LIMIT')
      })

      it('counts a synchronous fit that took longer than its limit as failed', async () => {
        expect(ending(await does('spin', { ms: 150 }, 50))).toBe('TIME_LIMIT')
      })

      it('passes on every report, in order, and the answers', async () => {
        const steps: [number, number][] = []
        const outcome = await executor.run(whole(0, { do: 'reports', steps: 4 }), {
          onReport: (step, { loss }) => {
            steps.push([step, loss])
            return 'continue'
          },
        })
        expect(metricsOf(outcome)).toEqual({ value: 4 })
        expect(steps).toEqual([
          [0, 4],
          [1, 3],
          [2, 2],
          [3, 1],
        ])
      })

      it('hears reports that nobody waits for, before the outcome', async () => {
        const steps: number[] = []
        await executor.run(whole(0, { do: 'reportsUnawaited', steps: 50 }), {
          onReport: async (step) => {
            steps.push(step)
            return 'continue' as const
          },
        })
        expect(steps).toEqual(Array.from({ length: 50 }, (_, step) => step))
      })

      it('answers "continue" where nobody listens', async () => {
        expect(metricsOf(await does('reports', { steps: 3 }))).toEqual({ value: 3 })
      })

      it('ends as pruned when a report is answered so', async () => {
        const heard: number[] = []
        const outcome = await executor.run(whole(0, { do: 'reports', steps: 9 }), {
          onReport: async (step) => {
            heard.push(step)
            return step === 1 ? 'prune' : 'continue'
          },
        })
        expect(outcome.status).toBe('pruned')
        expect(heard).toEqual([0, 1])
        expect((await does('value')).status).toBe('finished')
      })

      it('gives what a pruned fit logged and left', async () => {
        const outcome = await executor.run(whole(0, { do: 'logsUntilPruned' }), {
          onReport: (step) => (step === 1 ? 'prune' : 'continue'),
        })
        expect(outcome).toMatchObject({
          status: 'pruned',
          log: ['step 0', 'step 1', 'told'],
          artifacts: [{ name: 'left.txt' }],
        })
      })

      it('ends a fit that goes on although it was pruned, after the grace', async () => {
        let heard = 0
        const outcome = await executor.run(whole(0, { do: 'reportsOnRegardless' }), {
          onReport: () => {
            heard++
            return 'prune'
          },
        })
        expect(outcome).toEqual({ status: 'pruned', result: null })
        expect(heard).toBe(1)
        expect((await does('value')).status).toBe('finished')
      })

      it('ignores reports of a fit that has ended', async () => {
        const heard: number[] = []
        const onReport = (step: number) => {
          heard.push(step)
          return 'continue' as const
        }
        await executor.run(whole(0, { do: 'reportAfterEnd' }), { onReport })
        await executor.run(whole(1, { do: 'clock', ms: 60 }), { onReport })
        expect(heard).toEqual([])
      })

      it('rejects with what the listener of reports throws, and goes on', async () => {
        const run = executor.run(whole(0, { do: 'reports' }), {
          onReport: () => {
            throw new Error('the listener is broken')
          },
        })
        await expect(run).rejects.toThrow('the listener is broken')
        expect((await does('value')).status).toBe('finished')
      })

      for (const what of ['waitsForSignal', 'never'] as const)
        it(`ends a running fit that is aborted (${what})`, async () => {
          const controller = new AbortController()
          const run = executor.run(whole(0, { do: what }), { signal: controller.signal })
          setTimeout(() => controller.abort(), 40 + distance)
          const began = performance.now()
          expect(await run).toEqual({ status: 'aborted' })
          expect(performance.now() - began).toBeLessThan(soon)
          expect((await does('value')).status).toBe('finished')
        })

      it('ends a fit as pruned when the signal says so', async () => {
        const controller = new AbortController()
        const run = executor.run(whole(0, { do: 'waitsForSignal' }), { signal: controller.signal })
        setTimeout(() => controller.abort('prune'), 40 + distance)
        expect((await run).status).toBe('pruned')
      })

      it('does not start a fit that was aborted while it waited, or before', async () => {
        const heard: number[] = []
        const onReport = (step: number) => {
          heard.push(step)
          return 'continue' as const
        }
        const controller = new AbortController()
        const first = executor.run(whole(0, { do: 'clock', ms: 60 }))
        const waiting = executor.run(whole(1, { do: 'reports' }), { onReport, signal: controller.signal })
        setTimeout(() => controller.abort(), 20)
        expect(await waiting).toEqual({ status: 'aborted' })
        const late = executor.run(whole(2, { do: 'reports' }), { onReport, signal: controller.signal })
        expect(await late).toEqual({ status: 'aborted' })
        expect((await first).status).toBe('finished')
        expect((await does('value')).status).toBe('finished')
        expect(heard).toEqual([])
      })

      it('keeps what the trainer logged, also when it failed', async () => {
        const outcome = await does('print')
        expect(outcome.status === 'finished' && outcome.result.log).toContain('logged')
        const flooded = await does('floodLog')
        expect(flooded.status === 'finished' && flooded.result.log.join('').length).toBeLessThan(70_000)
      })

      it('aborts what waits or runs when it is closed, and what comes after', async () => {
        const runs = ['never', 'value', 'value'].map((what, trial) =>
          executor.run(whole(trial, { do: what })),
        )
        await new Promise((resolve) => setTimeout(resolve, 30))
        const began = performance.now()
        await executor.close()
        expect(performance.now() - began).toBeLessThan(soon)
        expect((await Promise.all(runs)).map(ending)).toEqual(['aborted', 'aborted', 'aborted'])
        expect((await does('value')).status).toBe('aborted')
        await executor.close()
      })
    })

    if (abilities.threads)
      devicesLaw(framework, make, objectivePlan('seats'), ['report', 'wait', 'throw', 'exit', 'loop'])

    it('seats as many fits at the same time as it has workers, each on a number of its own', async () => {
      const executor = await make({ plan: objectivePlan(), workers: 3, memoryLimit: null, grace: 100 })
      await executor.ready()
      expect(executor.workers).toBe(3)
      const folder = mkdtempSync(join(tmpdir(), 'espalier-seats-'))
      const held = new Map<number, Promise<unknown>>()
      const seated: Promise<void>[] = []
      let running = 0
      let most = 0
      // The first three end only where all of them run at the same time, however long it takes to get there.
      const hows = [
        'meet',
        'meet',
        'meet',
        ...Array(3).fill(['clock', 'throwError', 'never', 'value']).flat(),
      ]
      const runs = hows.map((what, trial) => {
        const limit = what === 'never' ? 60 : undefined
        const params = { do: what, ms: 40, folder, id: trial, count: 3 }
        const run: Promise<FitOutcome> = executor.run(whole(trial, params, limit), {
          onStart: ({ seat }) => {
            // The outcome of who had the seat before is on its way at least.
            const before = held.get(seat)
            held.set(seat, run)
            most = Math.max(most, ++running)
            run.then(() => running--)
            seated.push(
              (async () => {
                expect([0, 1, 2]).toContain(seat)
                const late = new Promise((resolve) => setTimeout(resolve, 50 + distance, 'it still runs'))
                expect(await Promise.race([before, late])).not.toBe('it still runs')
              })(),
            )
          },
        })
        return run
      })
      const endings = (await Promise.all(runs)).map(ending)
      expect(endings.slice(2, 7)).toEqual(['finished', 'finished', 'TRAINER_THREW', 'TIME_LIMIT', 'finished'])
      expect(seated.length).toBe(15)
      await Promise.all(seated)
      expect([...held.keys()].sort()).toEqual([0, 1, 2])
      expect(most).toBe(3)
      await executor.close()
      rmSync(folder, { recursive: true, force: true })
    })

    it('says where a fit begins before anything it reports, and nothing of one that never began', async () => {
      const executor = await make({ plan: objectivePlan(), workers: 1, memoryLimit: null })
      const heard: string[] = []
      const hearing = {
        onStart: ({ seat }: { seat: number }) => heard.push(`seat ${seat}`),
        onReport: (step: number) => {
          heard.push(`step ${step}`)
          return 'continue' as const
        },
      }
      await executor.run(whole(0, { do: 'reports', steps: 2 }), hearing)
      await executor.run(whole(1, { do: 'value' }), { ...hearing, signal: AbortSignal.abort() })
      expect(heard).toEqual(['seat 0', 'step 0', 'step 1'])
      const broken = executor.run(whole(2, { do: 'value' }), {
        onStart: () => {
          throw new Error('the listener is broken')
        },
      })
      await expect(broken).rejects.toThrow('the listener is broken')
      expect((await executor.run(whole(3, { do: 'value' }))).status).toBe('finished')
      await executor.close()
    })

    it('gives the same results whatever the number of workers', async () => {
      const results = []
      for (const workers of [1, 3]) {
        const executor = await make({ plan: objectivePlan(), workers, memoryLimit: null })
        const requests = Array.from({ length: 12 }, (_, trial) => whole(trial, { do: 'random' }))
        results.push((await Promise.all(requests.map((one) => executor.run(one)))).map(metricsOf))
        await executor.close()
      }
      expect(results[1]).toEqual(results[0])
      expect(new Set(results[0].map(({ value }) => value)).size).toBe(12)
    })

    it('calls a model that predicts NaN or is no plain JSON a failure of its own kind', async () => {
      const executor = await make({ plan: meanPlan(), workers: 1, memoryLimit: null })
      await executor.ready()
      const outcome = async (fault: string, kind: 'final' | 'fold' = 'final') =>
        ending(await executor.run(part(0, kind === 'final' ? { kind } : { kind, fold: 1 }, { fault })))
      expect(await outcome('nan', 'fold')).toMatch(/METRIC_NOT_FINITE|RESULT_INVALID/)
      for (const fault of ['function', 'circular', 'bigint'])
        expect(await outcome(fault)).toBe('MODEL_NOT_SERIALISABLE')
      expect(await outcome('none')).toBe('finished')
      expect(await outcome('none', 'fold')).toBe('finished')
      await executor.close()
    })

    it('says why a trainer that cannot be opened cannot', async () => {
      for (const [module, cause] of [
        ['throws-at-import', /the module is broken/],
        ['not-a-trainer', /not-a-trainer\.mjs/],
      ] as const) {
        const began = performance.now()
        await expect(
          make({ plan: objectivePlan(module), workers: 2, memoryLimit: null }).then(async (executor) => {
            try {
              await executor.ready()
            } finally {
              await executor.close()
            }
          }),
        ).rejects.toMatchObject({ code: 'TRAINER_INVALID', message: expect.stringMatching(cause) })
        expect(performance.now() - began).toBeLessThan(10_000)
      }
    })

    it('refuses a number of workers that is none', async () => {
      for (const workers of [0, -1, 1.5, Number.NaN])
        await expect(make({ plan: objectivePlan(), workers, memoryLimit: null })).rejects.toMatchObject({
          code: 'USAGE',
        })
    })

    if (abilities.threads) threadLaws(framework, make, soon)
  })
}

/** What holds where each fit has a thread that can be ended. */
function threadLaws(
  { describe, it, expect, beforeAll, afterAll }: TestFramework,
  make: MakeExecutor,
  soon: number,
): void {
  describe('with threads', () => {
    let executor: Executor
    beforeAll(async () => {
      executor = await make({ plan: objectivePlan(), workers: 2, memoryLimit: 64, grace: 100 })
      await executor.ready()
    })
    afterAll(() => executor.close())
    const does = (what: string, more: Params = {}, timeLimit?: number) =>
      executor.run(whole(0, { do: what, ...more }, timeLimit))

    for (const [what, code, reason] of [
      ['loop', 'TIME_LIMIT', /0\.3 s/],
      ['getterLoops', 'TIME_LIMIT', /0\.3 s/],
      ['exit', 'WORKER_EXITED', /code 0/],
      ['heap', 'OUT_OF_MEMORY', /64 MB/],
      ['rejection', 'TRAINER_THREW', /nobody waits for me/],
      ['rejectionMeanwhile', 'TRAINER_THREW', /nobody waits for me/],
    ] as const)
      it(`${what} is one failed fit, ${code}; fits beside and after it go well`, async () => {
        const beside = executor.run(whole(1, { do: 'clock', ms: 400 }))
        const outcome = await does(what, {}, code === 'TIME_LIMIT' ? 300 : undefined)
        expect(ending(outcome)).toBe(code)
        expect(reasonOf(outcome)).toMatch(reason)
        expect((await beside).status).toBe('finished')
        const after = await Promise.all([does('value'), does('value'), does('value')])
        expect(after.map(ending)).toEqual(['finished', 'finished', 'finished'])
      })

    for (const what of [
      ...['clock', 'isFinite', 'iterator', 'silence', 'then', 'race', 'promise', 'stringify', 'map', 'keys'],
    ])
      it(`checks what a trainer hands over that has changed built-in objects (${what}): one fit at most fails`, async () => {
        const outcome = await does('tamper', { what }, 20_000)
        if (outcome.status === 'finished') expect(metricsOf(outcome)).toEqual({ value: 1 })
        else expect(ending(outcome)).toMatch(/RESULT_INVALID|TRAINER_THREW|METRIC_NOT_FINITE/)
        const after = await Promise.all([does('value'), does('value'), does('value')])
        expect(after.map(ending)).toEqual(['finished', 'finished', 'finished'])
      })

    it('ends at its time limit what hangs after fit: predict, toJSON, a getter of the state', async () => {
      const own = await make({ plan: meanPlan(), workers: 3, memoryLimit: null })
      await own.ready()
      const ended = await Promise.all(
        ['predict', 'toJSON', 'getter'].map((fault) => {
          const kind =
            fault === 'predict' ? ({ kind: 'fold', fold: 1 } as const) : ({ kind: 'final' } as const)
          return own.run({ ...part(0, kind, { fault }), timeLimit: 300 })
        }),
      )
      expect(ended.map(ending)).toEqual(['TIME_LIMIT', 'TIME_LIMIT', 'TIME_LIMIT'])
      expect(ending(await own.run(part(0, { kind: 'final' })))).toBe('finished')
      await own.close()
    })

    it('gives no other fit to what a fit has changed for all later ones', async () => {
      await Promise.all([does('tamperMath'), does('tamperMath')])
      const later = await Promise.all([does('sine'), does('sine'), does('sine')])
      expect(later.map((outcome) => metricsOf(outcome).value)).toEqual([2, 2, 2])
    })

    it('aborts a synchronous loop after the grace', async () => {
      const controller = new AbortController()
      const run = executor.run(whole(0, { do: 'loop' }), {
        signal: controller.signal,
        // One that waits would be aborted without any.
        onStart: () => void setTimeout(() => controller.abort(), 30),
      })
      const began = performance.now()
      expect(await run).toEqual({ status: 'aborted' })
      expect(performance.now() - began).toBeGreaterThan(100)
      expect(performance.now() - began).toBeLessThan(soon)
    })

    it('closes quickly while every thread loops', async () => {
      const runs = [does('loop'), does('loop'), does('loop')]
      await new Promise((resolve) => setTimeout(resolve, 50))
      const began = performance.now()
      await executor.close()
      expect(performance.now() - began).toBeLessThan(soon)
      expect((await Promise.all(runs)).map(ending)).toEqual(['aborted', 'aborted', 'aborted'])
    })
  })
}
