/** What training a run again leaves on its record. */

import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { openStore, reproduceRun, sweep } from '../../src/index.js'
import { temporaryDirectory } from '../temporary.js'
import { wineKnn } from './support.js'

const definition = {
  name: 'line',
  parameters: { x: { type: 'float', min: 0, max: 1 } },
  objective: { metric: 'loss', direction: 'minimize' },
} as const
const loss = ({ x }: { x?: unknown }) => ({ loss: Number(x) })

async function swept() {
  const store = await temporaryDirectory()
  const { run, best } = await sweep(definition, { store, trials: 4, run: loss })
  const opened = await openStore(store)
  const tagsOf = async (id: string) => (await opened.run(id)).tags
  return { store, sweep: run, best: best!.run, opened, tagsOf }
}

describe('a run that was trained again', () => {
  it('is marked equal or different, as it came out the last time, and says when', async () => {
    const { store, best, sweep, tagsOf } = await swept()
    const before = Date.now()
    expect(await reproduceRun(best, { store, run: loss })).toMatchObject({ equal: true, unmarked: null })
    const { 'espalier.reproduced': mark, 'espalier.reproducedAt': at } = await tagsOf(best)
    expect(mark).toBe('equal')
    expect(Date.parse(at)).toBeGreaterThanOrEqual(before)
    expect(await tagsOf(sweep)).not.toHaveProperty(['espalier.reproduced'])
    const other = ({ x }: { x?: unknown }) => ({ loss: Number(x) + 1e-15 })
    Object.defineProperty(other, 'name', { value: loss.name })
    expect(await reproduceRun(best, { store, run: other })).toMatchObject({ equal: false, unmarked: null })
    expect((await tagsOf(best))['espalier.reproduced']).toBe('different')
    expect(await reproduceRun(sweep, { store, run: loss })).toMatchObject({ equal: true, unmarked: null })
    expect((await tagsOf(sweep))['espalier.reproduced']).toBe('equal')
    // Its marks are no difference to the next one.
    expect(await reproduceRun(sweep, { store, run: loss })).toMatchObject({ equal: true })
  })

  it('does again what was asked of its sweep, and takes as it is what somebody ended', async () => {
    const store = await temporaryDirectory()
    const answers: Promise<{ outcome: string }>[] = []
    const asking = async (
      { x }: { x?: unknown },
      { trial, signal }: { readonly trial: number; readonly signal: AbortSignal },
    ) => {
      if (trial === 1) {
        const opened = await openStore(store)
        const [{ id }] = await opened.sweeps()
        const ask = (act: Parameters<typeof opened.ask>[1]) => {
          const answer = opened.ask(id, act)
          answers.push(answer)
          return answer
        }
        // One after the other: the sweep could else be at its end before the last of them is found.
        await ask({ kind: 'extend', by: 1 })
        await ask({ kind: 'enqueue', params: { x: 0.125 } })
        void ask({ kind: 'end-trial', trial: 1 })
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      }
      return { loss: Number(x) }
    }
    const result = await sweep(definition, { store, trials: 4, parallel: 1, run: asking })
    expect((await Promise.all(answers)).map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done'])
    expect(result.trials).toEqual({ finished: 4, pruned: 0, failed: 1 })
    const opened = await openStore(store)
    const trials = await opened.trials(result.run)
    expect(trials.map(({ conditions }) => conditions.origin?.rule)).toContain('requested')
    const again = Object.assign(({ x }: { x?: unknown }) => ({ loss: Number(x) }), {})
    Object.defineProperty(again, 'name', { value: asking.name })
    const whole = await reproduceRun(result.run, { store, run: again })
    expect(whole).toMatchObject({ equal: true, differences: [] })
    expect(whole.compared).toBeGreaterThan(12)
    await expect(reproduceRun(trials[1].id, { store, run: again })).rejects.toMatchObject({
      code: 'REPRODUCE_REFUSED',
      message: expect.stringMatching(/was ended on somebody's request/),
    })
  })

  it('is not marked while another process writes its sweep, which is said', async () => {
    const { store, sweep, best, opened, tagsOf } = await swept()
    const writer = await (await openStore(store)).resumeSweep(sweep, { conditions: {} })
    const { equal, unmarked } = await reproduceRun(best, { store, run: loss })
    expect(equal).toBe(true)
    expect(unmarked).toMatch(/A sweep has one writer/)
    await writer.finish({ status: 'finished' })
    expect(await tagsOf(best)).toEqual({})
    expect((await opened.check()).problems).toEqual([])
  })
})

describe('what the best came to after its end', () => {
  const figures = ['holdoutAccuracy', 'holdoutLogLoss', 'correctedAccuracy', 'correctedAccuracyHigh']

  async function judged() {
    const store = await temporaryDirectory()
    const definition = { ...wineKnn, validation: { folds: 3, holdout: 0.2 } } as const
    const { run, best } = await sweep(definition, { store, trials: 4, workers: 1 })
    const opened = await openStore(store)
    const again = (id: string) => reproduceRun(id, { store, workers: 1 })
    return { sweep: run, best: best!, opened, again }
  }

  it('is compared with the rest, by name, and what was not compared is named too', async () => {
    const { best, sweep, again } = await judged()
    for (const id of [best.run, sweep]) {
      const { equal, compared, subjects, leftOut } = await again(id)
      expect(equal).toBe(true)
      const names = subjects.map(({ what }) => what)
      expect(names).toEqual(
        expect.arrayContaining(['accuracy', 'accuracy by step', 'model.json', ...figures]),
      )
      expect(subjects.reduce((sum, { times }) => sum + times, 0)).toBe(compared)
      expect(leftOut.map(({ what }) => what)).toEqual(
        expect.arrayContaining(['fitSeconds', 'sample-input.json']),
      )
      expect(leftOut.map(({ what }) => what).filter((name) => names.includes(name))).toEqual([])
    }
  })

  it.each(['holdoutAccuracy', 'correctedAccuracy'])(
    'differs where its %s was altered on record',
    async (name) => {
      const { best, sweep, opened, again } = await judged()
      const { metrics } = await opened.run(best.run)
      const writer = await opened.resumeSweep(sweep, { conditions: {} })
      await writer.annotate(best.trial, { metrics: { [name]: 0.5 } })
      await writer.finish({ status: 'finished' })
      const reproduced = String(metrics[name])
      expect(await again(best.run)).toMatchObject({
        equal: false,
        differences: [{ what: name, recorded: '0.5', reproduced }],
      })
      expect((await opened.run(best.run)).tags['espalier.reproduced']).toBe('different')
      expect(await again(sweep)).toMatchObject({
        equal: false,
        differences: [{ what: `trial ${best.trial}: ${name}`, recorded: '0.5', reproduced }],
      })
    },
  )

  it('is left out, and why is said, where it was chosen among what is no longer there', async () => {
    const { best, sweep, opened, again } = await judged()
    const other = (await opened.trials(sweep)).find(({ trial }) => trial !== best.trial)!
    await writeFile(opened.artifactPath(other.id, 'out-of-fold.json'), '{}')
    const why = async (id: string, name: string) => {
      const { equal, leftOut } = await again(id)
      expect(equal).toBe(true)
      return leftOut.find(({ what }) => what === name)?.why
    }
    expect(await why(best.run, 'correctedAccuracy')).toMatch(/out-of-fold\.json/)
    expect(await why(best.run, 'holdoutAccuracy')).toBeUndefined()
    await opened.delete(other.id)
    for (const id of [best.run, sweep])
      expect(await why(id, 'correctedAccuracy')).toMatch(/have been deleted since/)
  })
})
