/** Going on with a sweep from its record, and what keeps it from doing so. */
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
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
import { dataFile, essenceOf, interrupted, sweepFile, wineCopy, wineKnn } from './support.js'

describe('resumeSweep', () => {
  // The others are cut off in test/crash.
  for (const algorithm of ['grid', 'bayesian'] as const) {
    it(`completes an interrupted sweep as if it had not been interrupted: ${algorithm}`, async () => {
      const search = { algorithm, trials: 14, seed: 9 }
      const { file, store, directory, run } = await interrupted({ ...wineCopy, search }, 5)
      const resumed = await resumeSweep(run, { store, workers: 3 })
      expect(resumed).toMatchObject({ run, status: 'finished', trials: { finished: 14 } })
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
    const { store, run } = await interrupted(wineCopy, 3)
    expect(await resumeSweep(undefined, { store, workers: 1 })).toMatchObject({
      run,
      trials: { finished: 16 },
    })
    await expect(resumeSweep(undefined, { store, workers: 1 })).rejects.toMatchObject({
      code: 'RUN_UNKNOWN',
      kind: 'request',
    })
    const extended = await resumeSweep(undefined, { store, trials: 20, workers: 1 })
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
      const resumed = await resumeSweep(undefined, { store, workers: 1 })
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
    const { run } = await sweep(file, { store, workers: 1 })
    const first = async () => (await (await openStore(store)).trials(run))[0]
    expect(await first()).toMatchObject({ tags: { 'espalier.model': 'not kept: TRAINER_THREW' } })
    await resumeSweep(run, { store, workers: 1 })
    expect(await first()).toMatchObject({ tags: { 'espalier.model': 'not kept: TRAINER_THREW' } })
    await rm(broken)
    await resumeSweep(run, { store, workers: 1 })
    const { tags, artifacts } = await first()
    expect(tags).toEqual({})
    expect(artifacts.map(({ name }) => name)).toContain('model.json')
  })

  it('refuses to mix trials on another data set, unless forced', async () => {
    const { store, directory, run } = await interrupted(wineCopy, 3)
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
    const { file, store, run } = await interrupted(wineCopy, 3)
    const wider = { ...wineCopy.parameters, k: { ...wineCopy.parameters.k, max: 60 } }
    await writeFile(file, JSON.stringify({ ...wineCopy, parameters: wider }))
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
    const { run } = await sweep(file, { store, workers: 1 })
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
