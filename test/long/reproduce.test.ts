/** Training a run, or a whole sweep, again from its record. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore, reproduceRun, resumeSweep, sweep } from '../../src/index.js'
import { openStore as openRunStore, type ParentRun } from '../../src/tracking/index.js'
import { interrupted, sweepFile, wineCopy, wineKnn } from '../launch/support.js'

describe('reproduceRun', () => {
  it('finds every trial and the whole sweep equal', async () => {
    const { file, store } = await sweepFile(wineKnn)
    const result = await sweep(file, { store })
    const one = await reproduceRun(result.best!.run, { store })
    expect(one).toMatchObject({ run: result.best!.run, equal: true, differences: [] })
    // Metrics with deviations, each fold's values, digest of the predictions, model.
    expect(one.compared).toBeGreaterThan(10)
    const whole = await reproduceRun(result.run, { store })
    expect(whole).toMatchObject({ run: result.run, equal: true, differences: [] })
    expect(whole.compared).toBeGreaterThan(16 * 10)
  })

  it('says what differs, and that the data set has changed', async () => {
    const { store, directory, run } = await interrupted(wineCopy, 8)
    await resumeSweep(run, { store })
    const data = join(directory, 'wine.csv')
    const lines = (await readFile(data, 'utf8')).trim().split('\n')
    await writeFile(data, `${[...lines.slice(0, 20), ...lines.slice(30)].join('\n')}\n`)
    const best = await (await openStore(store)).bestRun({ sweep: run })
    const found = await reproduceRun(best.id, { store })
    expect(found.equal).toBe(false)
    expect(found.differences.map(({ what }) => what)).toContain('out-of-fold predictions (SHA-256)')
    expect(found.changes.join('\n')).toMatch(/data set .* has changed \(178 rows then, 168 now\)/)
  })

  it('says which file is missing, where it was, and how to know it', async () => {
    const { store, directory, run } = await interrupted(wineCopy, 3)
    const data = join(directory, 'wine.csv')
    const { spec } = (await (await openStore(store)).sweeps({ sweep: run }))[0]
    await rm(data)
    for (const again of [resumeSweep, reproduceRun]) {
      const error = await again(run, { store }).then(
        () => null,
        (error) => error,
      )
      expect(error).toMatchObject({ code: 'DATA_INVALID', kind: 'request' })
      expect(error.message).toContain(`(${data} is not there)`)
      expect(error.message).toContain((spec.data as { digest: string }).digest)
    }
  })

  it.each([
    [{ x: 99 }, /99/],
    [{ x: '1; echo' }, /x/],
    [{}, /x/],
  ])('runs no trial again whose params are none of its space: %o', async (params, found) => {
    const { file, store } = await sweepFile({
      parameters: { x: { type: 'int', min: 0, max: 3 } },
      search: { trials: 2, seed: 1 },
    })
    const ran: unknown[] = []
    const run = (given: unknown) => ran.push(given)
    const { run: whole } = await sweep(file, { store, run })
    const opened = await openRunStore(store)
    const parent = (await opened.run(whole)) as ParentRun
    const { experiment, name, objectives, spec } = parent
    const origin = { rule: 'enqueued' }
    const altered = async (ended: boolean) => {
      const writer = await opened.createSweep({ experiment, name, objectives, spec, conditions: {} })
      await writer.trialStarted({
        trial: 0,
        params: params as never,
        conditions: { origin } as never,
        attempt: 0,
      })
      if (ended) {
        const trial = (await opened.trials(whole))[0]
        const { status, values, metrics, history, error } = trial
        await writer.trialEnded({
          trial: 0,
          status,
          values,
          metrics,
          history,
          error,
          conditions: {},
        } as never)
      }
      await writer.finish({ status: 'interrupted' })
      return { sweep: writer.id, trial: writer.childId(0) }
    }
    ran.length = 0
    const started = await altered(false)
    await expect(resumeSweep(started.sweep, { store, run })).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(started.trial),
      problems: [{ message: expect.stringMatching(found) }],
    })
    const { trial } = await altered(true)
    await expect(reproduceRun(trial, { store, run })).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    expect(ran).toEqual([])
  })

  it('reproduces a failure as a failure', async () => {
    const { file, store, directory } = await sweepFile({
      trainer: './train.mjs',
      search: { algorithm: 'grid' },
      parameters: { x: { type: 'int', min: 0, max: 3 } },
    })
    await writeFile(
      join(directory, 'train.mjs'),
      "export default { name: 'train', objective({ x }) { if (x === 2) throw new Error('two'); return x } }\n",
    )
    const { run } = await sweep(file, { store })
    const failed = (await (await openStore(store)).trials(run))[2]
    expect(failed.status).toBe('failed')
    expect(await reproduceRun(failed.id, { store })).toMatchObject({ equal: true })
  })
  it('repeats what there is of a sweep: not what was deleted, nor what time did not allow', async () => {
    const { file, store } = await sweepFile({
      ...wineKnn,
      search: { algorithm: 'sobol', trials: 400, seed: 2 },
    })
    const { run, trials } = await sweep(file, { store, maxTime: 300 })
    expect(trials.finished).toBeLessThan(400)
    await (await openStore(store)).delete((await (await openStore(store)).trials(run))[1].id)
    expect(await reproduceRun(run, { store })).toMatchObject({ equal: true, differences: [] })
  })

  it('compares every metric of an objective, whatever its name', async () => {
    const { file, store, directory } = await sweepFile({
      trainer: './train.mjs',
      search: { algorithm: 'grid' },
      parameters: { x: { type: 'int', min: 0, max: 3 } },
    })
    const train = (loss: string) =>
      writeFile(
        join(directory, 'train.mjs'),
        `export default { name: 'train', objective: ({ x }) => ({ value: x, holdoutLoss: ${loss} }) }\n`,
      )
    await train('x')
    const { run, best } = await sweep(file, { store })
    await train('x + 1')
    for (const id of [best!.run, run]) {
      const { differences } = await reproduceRun(id, { store })
      expect(differences.map(({ what }) => what)).toContain(
        id === run ? 'trial 0: holdoutLoss' : 'holdoutLoss',
      )
    }
  })
})
