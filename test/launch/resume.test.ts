/** Going on with a sweep from its record, and training a run again from it. */
import { appendFile, copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  defineTrainer,
  openStore,
  type Params,
  reproduceRun,
  resumeSweep,
  type SweepEvent,
  sweep,
} from '../../src/index.js'
import { openStore as openRunStore, type ParentRun } from '../../src/tracking/index.js'
import { dataFile, essenceOf, sweepFile, wineKnn } from './support.js'

async function interrupted(json: object, after: number) {
  const made = await sweepFile(json)
  await copyFile(dataFile('wine.csv'), join(made.directory, 'wine.csv'))
  const stop = new AbortController()
  const result = await sweep(made.file, {
    store: made.store,
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'trial-ended' && event.trial === after) stop.abort()
    },
  })
  expect(result.status).toBe('interrupted')
  return { ...made, run: result.run }
}

const json = { ...wineKnn, data: { file: 'wine.csv', target: 'cultivar' } }

describe('resumeSweep', () => {
  // The others are cut off in test/crash.
  for (const algorithm of ['grid', 'bayesian'] as const) {
    it(`completes an interrupted sweep as if it had not been interrupted: ${algorithm}`, async () => {
      const search = { algorithm, trials: 18, seed: 9 }
      const { file, store, directory, run } = await interrupted({ ...json, search }, 5)
      const resumed = await resumeSweep(run, { store, workers: 3 })
      expect(resumed).toMatchObject({ run, status: 'finished', trials: { finished: 18 } })
      const whole = await sweep(file, { store: join(directory, 'whole') })
      expect(await essenceOf(store, run)).toEqual(await essenceOf(join(directory, 'whole'), whole.run))
      expect(resumed.best).toMatchObject({
        trial: whole.best!.trial,
        value: whole.best!.value,
        params: whole.best!.params,
      })
    })
  }

  it('takes the latest interrupted sweep where none is named, and extends a finished one', async () => {
    const { store, run } = await interrupted(json, 3)
    expect(await resumeSweep(undefined, { store })).toMatchObject({ run, trials: { finished: 16 } })
    await expect(resumeSweep(undefined, { store })).rejects.toMatchObject({
      code: 'RUN_UNKNOWN',
      kind: 'request',
    })
    const extended = await resumeSweep(undefined, { store, trials: 20 })
    expect(extended).toMatchObject({ run, status: 'finished', trials: { finished: 20 } })
    const [parent] = await (await openStore(store)).sweeps()
    expect(parent.sessions.length).toBe(3)
    expect(parent.status).toBe('finished')
  })

  it('completes a sweep stopped while its last model, or its holdout part, was at work', async () => {
    const validation = { folds: 3, holdout: 0.2 }
    for (const keepModels of ['all', 'none'] as const) {
      const { file, store, directory } = await sweepFile({
        ...wineKnn,
        validation,
        search: { algorithm: 'sobol', trials: 5, seed: 3 },
      })
      const stop = new AbortController()
      let ended = 0
      const onEvent = (event: SweepEvent) => {
        if (event.type === 'trial-ended' && ++ended === 5) stop.abort()
      }
      const hooks = { onEvent, signal: stop.signal, killSignal: stop.signal }
      const { run, status, holdout } = await sweep(file, { store, keepModels, ...hooks })
      expect({ status, holdout }).toEqual({ status: 'interrupted', holdout: null })
      const resumed = await resumeSweep(undefined, { store })
      const whole = await sweep(file, { store: join(directory, 'whole'), keepModels })
      expect(resumed).toMatchObject({ run, status: 'finished', holdout: whole.holdout })
      expect(await essenceOf(store, run)).toEqual(await essenceOf(join(directory, 'whole'), whole.run))
    }
  })

  it('takes back that a model could not be kept where it can be now', async () => {
    const { file, store, directory } = await sweepFile({
      trainer: './mean.mjs',
      data: { file: dataFile('diabetes.csv'), target: 'progression' },
      search: { algorithm: 'grid', trials: 2, parallel: 1 },
      parameters: { shrink: { type: 'ordinal', values: [0, 1] } },
    })
    const broken = join(directory, 'broken')
    await writeFile(broken, '')
    await writeFile(
      join(directory, 'mean.mjs'),
      `import { existsSync } from 'node:fs'
const model = (guess) => ({ predict: ({ rows }) => new Float64Array(rows).fill(guess), toJSON: () => guess })
export default {
  name: 'mean', task: 'regression', description: 'a guess', load: model,
  hyperparameters: [{ name: 'shrink', description: 'by how much', type: 'float', default: 0, min: 0, max: 1 }],
  fit(data, { shrink }) {
    if (data.rows === 442 && existsSync(${JSON.stringify(broken)})) throw new Error('not on all rows')
    return model((1 - shrink) * 150)
  },
}\n`,
    )
    const { run } = await sweep(file, { store })
    const first = async () => (await (await openStore(store)).trials(run))[0]
    expect(await first()).toMatchObject({ tags: { 'espalier.model': 'not kept: TRAINER_THREW' } })
    await resumeSweep(run, { store })
    expect(await first()).toMatchObject({ tags: { 'espalier.model': 'not kept: TRAINER_THREW' } })
    await rm(broken)
    await resumeSweep(run, { store })
    const { tags, artifacts } = await first()
    expect(tags).toEqual({})
    expect(artifacts.map(({ name }) => name)).toContain('model.json')
  })

  it('refuses to mix trials on another data set, unless forced', async () => {
    const { store, directory, run } = await interrupted(json, 3)
    const data = join(directory, 'wine.csv')
    await appendFile(data, (await readFile(data, 'utf8')).split('\n')[1])
    await expect(resumeSweep(run, { store })).rejects.toMatchObject({
      code: 'RESUME_REFUSED',
      kind: 'request',
      problems: [{ path: 'data' }],
    })
    const warnings: string[] = []
    const forced = await resumeSweep(run, {
      store,
      force: true,
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    })
    expect(forced.status).toBe('finished')
    expect(warnings.join('\n')).toMatch(/data set .* has changed/)
  })

  it('refuses when the search space in the file has changed', async () => {
    const { file, store, run } = await interrupted(json, 3)
    const wider = { ...json.parameters, k: { ...json.parameters.k, max: 60 } }
    await writeFile(file, JSON.stringify({ ...json, parameters: wider }))
    await expect(resumeSweep(run, { store })).rejects.toMatchObject({
      code: 'RESUME_REFUSED',
      problems: [{ path: 'parameters' }],
    })
  })

  it('warns when the trainer has changed', async () => {
    const { file, store, directory } = await sweepFile({
      trainer: './train.mjs',
      search: { algorithm: 'sobol', trials: 4 },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    })
    await writeFile(
      join(directory, 'train.mjs'),
      "export default { name: 'train', objective: ({ x }) => x }\n",
    )
    const { run } = await sweep(file, { store })
    await appendFile(join(directory, 'train.mjs'), '// changed\n')
    const warnings: string[] = []
    const result = await resumeSweep(run, {
      store,
      trials: 6,
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    })
    expect(result.trials.finished).toBe(6)
    expect(warnings.join('\n')).toMatch(/trainer .*train\.mjs has changed/)
  })

  describe('what was passed in code', () => {
    const definition = {
      name: 'in-code',
      search: { algorithm: 'bayesian', trials: 14, seed: 4 },
      parameters: { x: { type: 'float', min: -1, max: 1 } },
    } as const
    const run = ({ x }: Params) => ((x as number) - 0.3) ** 2

    it('goes on where it is passed again, to the same end', async () => {
      const { store } = await sweepFile({})
      const whole = await sweep(definition, { store, run })
      const stop = new AbortController()
      const onEvent = (event: SweepEvent) => event.type === 'trial-ended' && event.trial === 6 && stop.abort()
      const half = await sweep(definition, { store, run, onEvent, signal: stop.signal })
      expect(half.status).toBe('interrupted')
      await expect(resumeSweep(half.run, { store })).rejects.toMatchObject({
        code: 'RESUME_REFUSED',
        message: expect.stringMatching(/trained "in-code", as the option "run"\); pass it as "run"/),
      })
      const { run: id, ...resumed } = await resumeSweep(half.run, { store, run })
      expect([id, resumed.trials.finished, resumed.best!.value]).toEqual([half.run, 14, whole.best!.value])
      expect(await essenceOf(store, half.run)).toEqual(await essenceOf(store, whole.run))

      await expect(reproduceRun(whole.best!.run, { store })).rejects.toMatchObject({
        code: 'REPRODUCE_REFUSED',
      })
      expect(await reproduceRun(whole.run, { store, run })).toMatchObject({ equal: true })
      const other = await reproduceRun(whole.best!.run, { store, run: ({ x }) => x as number })
      expect(other.differences.map(({ what }) => what)).toContain('value')
    })

    it('is refused where it is another, or where the record names a trainer', async () => {
      const { file, store } = await sweepFile(wineKnn)
      const inCode = await sweep(definition, { store, run, trials: 2 })
      const named = await sweep(file, { store, trials: 2 })
      const trainer = defineTrainer({
        name: 'other',
        task: 'regression',
        description: '',
        hyperparameters: [],
        fit: () => ({ predict: () => new Float64Array(0), toJSON: () => null }),
        load: () => ({ predict: () => new Float64Array(0), toJSON: () => null }),
      })
      await expect(resumeSweep(inCode.run, { store, trials: 3, trainer })).rejects.toMatchObject({
        code: 'RESUME_REFUSED',
        message: expect.stringMatching(/"in-code", as the option "run"; got "other"/),
      })
      await expect(resumeSweep(named.run, { store, trials: 3, run })).rejects.toMatchObject({
        code: 'RESUME_REFUSED',
        message: expect.stringMatching(/names its trainer/),
      })
    })
  })
})

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
    const { store, directory, run } = await interrupted(json, 8)
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
    const { store, directory, run } = await interrupted(json, 3)
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
