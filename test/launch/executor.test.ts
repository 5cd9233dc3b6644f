/** The executor of a sweep is handed to it: what it runs on is for the caller to say. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createInlineExecutor, type ExecutorSetup } from '../../src/execution/index.js'
import { reproduceRun, resumeSweep, sweep } from '../../src/launch/index.js'
import { temporaryDirectory } from './support.js'

describe('a sweep that is handed its executor', () => {
  it('runs, goes on and is reproduced on it, and comes out as on its own', async () => {
    const setups: ExecutorSetup[] = []
    let fits = 0
    const executor = ({ code, ...options }: ExecutorSetup) => {
      setups.push({ code, ...options })
      // As many as it likes: what was asked for is only asked for.
      const inner = createInlineExecutor({ ...options, workers: 2 }, code)
      const run: typeof inner.run = (request, more) => {
        fits++
        return inner.run(request, more)
      }
      return Promise.resolve(Object.assign(Object.create(inner), { ...inner, run }))
    }
    const definition = {
      name: 'handed over',
      parameters: { x: { type: 'float', min: 0, max: 1 } },
      search: { trials: 4, algorithm: 'random' },
    } as const
    const run = ({ x }: { x: number }) => (x - 0.5) ** 2
    const workers: number[] = []
    const options = { run, store: await temporaryDirectory(), executor, workers: 3 }
    const result = await sweep(definition, {
      ...options,
      onEvent: (event) => {
        if (event.type === 'started') workers.push(event.workers)
      },
    })
    const own = await sweep(definition, { run, store: await temporaryDirectory() })
    expect(result.best).toMatchObject({ trial: own.best?.trial, value: own.best?.value })
    expect(fits).toBe(4)
    expect(setups[0]).toMatchObject({ workers: 3, code: { kind: 'objective' }, memoryLimit: null })
    expect(workers).toEqual([2])
    await resumeSweep(result.run, { ...options, trials: 6, run: run as never })
    expect(fits).toBe(6)
    const { workers: _, ...rest } = options
    expect(await reproduceRun(result.best!.run, { ...rest, run: run as never })).toMatchObject({
      equal: true,
    })
    expect(fits).toBe(7)
  })
})

it('a sweep that is stopped while its module is imported ends at once', async () => {
  const store = await temporaryDirectory()
  const trainer = join(store, 'loops.mjs')
  writeFileSync(trainer, 'for (;;);')
  const stop = new AbortController()
  const parameters = { x: { type: 'float', min: 0, max: 1 } } as const
  const ended = sweep({ trainer, parameters }, { store: join(store, 'runs'), signal: stop.signal })
  setTimeout(() => stop.abort(), 50)
  await expect(ended).rejects.toMatchObject({ code: 'INTERRUPTED' })
})
