import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createInlineExecutor,
  createPoolExecutor,
  type Executor,
  type ExecutorOptions,
} from '../../src/execution/index.js'
import type { Params } from '../../src/values.js'
import {
  ending,
  executorLaws,
  meanPlan,
  metricsOf,
  objectivePlan,
  part,
  reasonOf,
  whole,
} from '../laws/executor.js'
import { expectOthersUnharmed } from './misbehaving.js'

executorLaws('pool executor', async (options) => createPoolExecutor(options), { threads: true })

describe('the pool executor', () => {
  let executor: Executor | undefined
  afterEach(async () => {
    await executor?.close()
    executor = undefined
  })
  const open = async (more: Partial<ExecutorOptions> = {}) => {
    executor = createPoolExecutor({
      plan: objectivePlan(),
      workers: 1,
      memoryLimit: null,
      grace: 100,
      ...more,
    })
    await executor.ready()
    return executor
  }
  const does = (what: string, more: Params = {}, timeLimit?: number) =>
    executor!.run(whole(0, { do: what, ...more }, timeLimit))

  it('goes on through fits of which one in twenty misbehaves', async () => {
    await expectOthersUnharmed(await open({ workers: 2, memoryLimit: 64 }), 400)
  })

  for (const what of ['lateThrow', 'lateThrowUnref', 'lateExitUnref', 'lateLoop'])
    it(`does not blame a fit for what an earlier one left behind (${what})`, async () => {
      await open()
      expect((await does(what)).status).toBe('finished')
      expect(ending(await does('clock', { ms: 80 }, 2000))).toBe('finished')
    })

  it('asks the listener only once for a fit that starts again through no fault of its own', async () => {
    await open()
    await does('lateExitUnref')
    const steps: number[] = []
    const seats: number[] = []
    const outcome = await executor!.run(whole(1, { do: 'reportThenLeakedExit' }), {
      onStart: ({ seat }) => seats.push(seat),
      onReport: (step) => {
        steps.push(step)
        return 'continue'
      },
    })
    expect(metricsOf(outcome)).toEqual({ value: 5 })
    expect(steps).toEqual([0, 1])
    expect(seats).toEqual([0, 0])
  })

  it('tries a fit on a fresh thread when earlier fits had filled the memory', async () => {
    await open({ memoryLimit: 64 })
    const endings = []
    for (let i = 0; i < 12; i++) endings.push(ending(await does('leak', { mb: 12 })))
    expect(endings).toEqual(Array(12).fill('finished'))
    expect(ending(await does('leak', { mb: 120 }))).toBe('OUT_OF_MEMORY')
  })

  it('blames a listener of the signal that throws on nobody else', async () => {
    await open()
    const controller = new AbortController()
    const run = executor!.run(whole(0, { do: 'signalListenerThrows' }), { signal: controller.signal })
    setTimeout(() => controller.abort(), 30)
    expect((await run).status).toBe('aborted')
    expect((await does('value')).status).toBe('finished')
  })

  it('keeps what is printed in the log of the fit, bounded', async () => {
    await open()
    const printed = await does('print', { lines: 2 })
    expect(printed.status === 'finished' && printed.result.log).toEqual([
      'logged',
      'printed 0',
      'printed 1',
      'half a linewarned',
    ])
    const failed = await does('printAndThrow')
    expect(failed.status === 'failed' && failed.log).toEqual(['before the fall'])
    const flooded = await does('flood')
    expect(flooded.status === 'finished' && flooded.result.log.join('').length).toBeLessThan(70_000)
  })

  it('keeps workers from changing the process, and shrugs at messages that are not ours', async () => {
    await open()
    expect((await does('environment')).status).toBe('finished')
    expect(process.env.ESPALIER_LEAK).toBeUndefined()
    expect(reasonOf(await does('chdir'))).toMatch(/chdir/)
    expect((await does('postsToParent')).status).toBe('finished')
    expect((await does('ownStorage')).status).toBe('finished')
    expect((await does('value')).status).toBe('finished')
  })

  it('refuses a trainer that floods it with reports it does not wait for', async () => {
    await open()
    const outcome = await does('reportsUnawaited', { steps: 50_000 })
    expect(ending(outcome)).toBe('TRAINER_THREW')
    expect(reasonOf(outcome)).toMatch(/wait for the answers/)
  })

  it('shares the data with its workers instead of copying it', async () => {
    const plan = meanPlan()
    await open({ plan, workers: 2 })
    await Promise.all(
      [0, 1, 2].map((fold) => executor!.run(part(0, { kind: 'fold', fold }, { fault: 'touch' }))),
    )
    const [column] = plan.data!.columns
    expect(column.kind === 'number' && column.values[0]).toBe(3)
  })

  it('gives the very results of the in-line executor', async () => {
    const plan = meanPlan(30, 5)
    await open({ plan, workers: 2 })
    const inline = createInlineExecutor({ plan, workers: 1, memoryLimit: null })
    for (const one of [part(3, { kind: 'fold', fold: 2 }), part(3, { kind: 'final' })]) {
      const [there, here] = await Promise.all([executor!.run(one), inline.run(one)])
      const timeless = { fitSeconds: 0, predictSeconds: 0 }
      if (there.status !== 'finished' || here.status !== 'finished') throw new Error('not finished')
      expect({ ...there.result, ...timeless }).toEqual({ ...here.result, ...timeless })
    }
  })

  for (const [module, cause, limit] of [
    ['throws-at-import', /the module is broken/],
    ['exits-at-import', /exits-at-import.*code 7/],
    ['rejects-at-import', /forgotten at the top/],
    ['loops-at-import', /within 1 s/, 1000],
    ['no-such-file', /no-such-file/],
  ] as const)
    it(`says soon why ${module} cannot start, to ready and to run`, async () => {
      const broken = createPoolExecutor({
        plan: objectivePlan(module),
        workers: 2,
        memoryLimit: null,
        ...(limit ? { startLimit: limit } : {}),
      })
      const began = performance.now()
      const run = broken.run(whole(0, { do: 'value' }))
      await expect(broken.ready()).rejects.toThrow(cause)
      await expect(run).rejects.toThrow(cause)
      expect(performance.now() - began).toBeLessThan(5000)
      await broken.close()
    })

  it.each(['then', 'race', 'promise'])('has the result of a fit that changed promises (%s)', async (what) => {
    await open({ workers: 1 })
    const outcome = await executor!.run(whole(0, { do: 'tamper', what }))
    expect([outcome.status, metricsOf(outcome)]).toEqual(['finished', { value: 1 }])
  })

  it('says that the memory limit is too small to start with', async () => {
    const small = createPoolExecutor({ plan: objectivePlan(), workers: 1, memoryLimit: 2 })
    await expect(small.ready()).rejects.toMatchObject({ code: 'USAGE' })
    await small.close()
  })

  it('rejects ready when it is closed meanwhile', async () => {
    const closing = createPoolExecutor({ plan: objectivePlan(), workers: 2, memoryLimit: null })
    const ready = closing.ready()
    const run = closing.run(whole(0, { do: 'value' }))
    await closing.close()
    await expect(ready).rejects.toThrow(/closed/)
    expect((await run).status).toBe('aborted')
  })

  it('costs the same for every fit, and has no need of more workers than there are cores', async () => {
    await open({ workers: 8 })
    const outcomes = await Promise.all(
      Array.from({ length: 2000 }, (_, trial) => executor!.run(whole(trial, { do: 'value', x: trial }))),
    )
    expect(outcomes.map((outcome) => metricsOf(outcome).value)).toEqual(outcomes.map((_, trial) => trial))
  })

  const exhaust = async (...ways: string[]) => {
    const script = fileURLToPath(new URL('./fixtures/memory.mjs', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...ways], { timeout: 20_000 })
    const endings = JSON.parse(stdout) as string[]
    for (const ending of endings.slice(0, ways.length)) expect(ending).toMatch(/^OUT_OF_MEMORY: .*64 MB/)
    expect(endings.slice(ways.length)).toEqual(['finished', 'finished'])
  }

  it('holds workers to their memory, Buffers included, and leaves their neighbours alone', () =>
    exhaust('heap', 'buffers', 'buffersLoop'))

  // The watch races with the array, which V8 lets end the process at a gigabyte: a machine that is very busy
  // with other work can lose that race.
  it('holds an array that doubles to the memory, too', { retry: 2 }, () => exhaust('grow'))

  it('keeps no process alive after it is closed, and none alive while it is idle', async () => {
    const script = fileURLToPath(new URL('./fixtures/lifetime.mjs', import.meta.url))
    for (const closes of ['close', 'idle']) {
      const began = performance.now()
      const { stdout } = await promisify(execFile)(process.execPath, [script, closes], { timeout: 10_000 })
      expect(stdout).toBe('{"value":4}\n')
      expect(performance.now() - began).toBeLessThan(5000)
    }
  })
})
