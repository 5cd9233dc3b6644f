import { describe, expect, it } from 'vitest'
import { createInlineExecutor } from '../../src/execution/index.js'
import { openTrainer } from '../../src/training/index.js'
import { ending, executorLaws, metricsOf, objectivePlan, whole } from '../laws/executor.js'

executorLaws('in-line executor', async (options) => createInlineExecutor(options), { threads: false })

describe('the in-line executor', () => {
  it('runs an objective passed in code', async () => {
    const plan = { ...objectivePlan(), trainer: { kind: 'function', name: 'square' } as const }
    const objective = {
      name: 'square',
      objective: ({ x }: Readonly<Record<string, unknown>>) => (x as number) ** 2,
    }
    const executor = createInlineExecutor(
      { plan, workers: 1, memoryLimit: null },
      { kind: 'objective', objective },
    )
    await executor.ready()
    expect(metricsOf(await executor.run(whole(0, { x: 3 })))).toEqual({ value: 9 })
    await executor.close()
  })

  it('opens what the plan names where nothing is passed', async () => {
    const plan = objectivePlan()
    const trainer = await openTrainer(plan.trainer)
    const executors = [
      createInlineExecutor({ plan, workers: 1, memoryLimit: null }),
      createInlineExecutor({ plan, workers: 1, memoryLimit: null }, trainer),
    ]
    for (const executor of executors)
      expect(metricsOf(await executor.run(whole(0, { do: 'value', x: 2 })))).toEqual({ value: 2 })
  })

  it('leaves room for timers between synchronous fits', async () => {
    const executor = createInlineExecutor({ plan: objectivePlan(), workers: 1, memoryLimit: null })
    const controller = new AbortController()
    const runs = Array.from({ length: 20 }, (_, trial) =>
      executor.run(whole(trial, { do: 'spin', ms: 10 }), { signal: controller.signal }),
    )
    // Not by the clock alone: on a crowded machine the first fit may take longer than any time that is stated here.
    runs[0].then(() => setTimeout(() => controller.abort(), 20))
    const endings = (await Promise.all(runs)).map(ending)
    expect(endings[0]).toBe('finished')
    expect(endings[19]).toBe('aborted')
  })
})
