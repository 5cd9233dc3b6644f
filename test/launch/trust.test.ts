/** What a record names is run only where somebody vouches for it; files are found where they are now. */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { tableFromRows } from '../../src/data/index.js'
import { openStore, reproduceRun, resumeSweep, sweep } from '../../src/index.js'
import { openAnswers, openModel } from '../../src/launch/index.js'
import { openingOf } from '../../src/launch/opening.js'
import { prepareSweep } from '../../src/launch/prepare.js'
import type { SweepSpec } from '../../src/launch/spec/types.js'
import { specOf } from '../../src/launch/spec/version.js'
import { checkTrusted } from '../../src/launch/trust.js'
import { parseSweepFile } from '../../src/space/index.js'
import {
  captureConditions,
  openStore as openRecord,
  type ParentRun,
  type Store,
} from '../../src/tracking/index.js'
import { rewritten } from '../tracking/rewritten.js'
import { dataFile, temporaryDirectory } from './support.js'

const state = process.env.XDG_STATE_HOME
afterEach(() => {
  process.env.XDG_STATE_HOME = state
})

/** Another machine: it remembers nothing. */
async function elsewhere(): Promise<void> {
  process.env.XDG_STATE_HOME = await temporaryDirectory()
}

/** A trainer that leaves a mark when it is imported. */
const trainerText = (mark: string) => `
import { appendFileSync } from 'node:fs'
appendFileSync(${JSON.stringify(mark)}, 'x')
const model = ({ mean }) => ({ predict: (table) => new Float64Array(table.rows).fill(mean), toJSON: () => ({ mean }) })
export default {
  name: 'mean', task: 'regression', hyperparameters: [{ name: 'shift', type: 'float', min: 0, max: 1, default: 0, description: '' }],
  fit: (data, { shift }) => model({ mean: shift }),
  load: model,
}
`

interface Project {
  directory: string
  store: string
  run: string
  best: string
  /** How often the module was imported. */
  marks(): number
}

async function moduleProject(): Promise<Project> {
  const root = await temporaryDirectory()
  const directory = join(root, 'project')
  mkdirSync(join(directory, 'sweeps'), { recursive: true })
  mkdirSync(join(directory, 'data'))
  const mark = join(root, 'mark')
  writeFileSync(join(directory, 'sweeps', 'mean.mjs'), trainerText(mark))
  writeFileSync(join(directory, 'data', 'rows.csv'), readFileSync(dataFile('diabetes.csv')).subarray(0, 2000))
  const text = readFileSync(join(directory, 'data', 'rows.csv'), 'utf8')
  writeFileSync(join(directory, 'data', 'rows.csv'), text.slice(0, text.lastIndexOf('\n') + 1))
  writeFileSync(
    join(directory, 'sweeps', 'mean.json'),
    JSON.stringify({
      trainer: './mean.mjs',
      data: { file: '../data/rows.csv', target: 'progression' },
      validation: { folds: 2 },
      search: { algorithm: 'random', trials: 2 },
      parameters: { shift: { type: 'float', min: 0, max: 1 } },
    }),
  )
  const store = join(directory, 'runs')
  const { run, best } = await sweep(join(directory, 'sweeps', 'mean.json'), { store, workers: 1 })
  const marks = () => (existsSync(mark) ? readFileSync(mark, 'utf8').length : 0)
  return { directory, store, run, best: best!.run, marks }
}

const untrusted = { code: 'CODE_UNTRUSTED', message: expect.stringContaining('--trust-module') }

describe('a module that a record names', () => {
  it('runs unasked where the sweep was started here, and nowhere else unless vouched for', async () => {
    const { directory, store, run, best, marks } = await moduleProject()
    const opened = await openStore(store)
    expect((await opened.loadModel(best)).signature.columns.length).toBeGreaterThan(0)
    expect(await reproduceRun(best, { store, workers: 1 })).toMatchObject({ equal: true, changes: [] })

    await elsewhere()
    const before = marks()
    await expect(resumeSweep(run, { store, trials: 3 })).rejects.toMatchObject(untrusted)
    await expect(reproduceRun(run, { store })).rejects.toMatchObject(untrusted)
    await expect(reproduceRun(best, { store })).rejects.toMatchObject(untrusted)
    await expect(opened.loadModel(best)).rejects.toMatchObject(untrusted)
    await expect((await opened.bestRun()).loadModel()).rejects.toMatchObject(untrusted)
    expect(marks()).toBe(before)

    // Whoever names the module itself, or says so, vouches for it.
    const module = join(directory, 'sweeps', 'mean.mjs')
    await openModel(await openRecord(store), best, { module })
    await opened.loadModel(best, { importModule: true })
    const named = await reproduceRun(best, { store, workers: 1, trainer: module })
    expect(named).toMatchObject({ equal: true })
    await expect(
      resumeSweep(run, { store, trials: 3, workers: 1, trustModule: true }),
    ).resolves.toMatchObject({
      trials: { finished: 3 },
    })
    // For this once only.
    await expect(resumeSweep(run, { store, trials: 4 })).rejects.toMatchObject(untrusted)
  })

  it('is not vouched for where the record has been altered since', async () => {
    const { store, run } = await moduleProject()
    const spec = specOf((await (await openRecord(store)).run(run)) as ParentRun)
    await checkTrusted(run, spec, {})
    for (const altered of [
      { ...spec, trainer: { ...spec.trainer, file: '/proc/self/cwd/mean.mjs' } },
      { ...spec, trainer: { ...spec.trainer, digest: 'another' } },
      { ...spec, parameters: { shift: 'rm -r ~' } },
    ] as SweepSpec[])
      await expect(checkTrusted(run, altered, {})).rejects.toMatchObject(untrusted)
    await expect(checkTrusted('another', spec, {})).rejects.toMatchObject(untrusted)
    await checkTrusted(run, { ...spec, trials: 99 }, {})
  })

  it('is not vouched for by another module that is named, nor for a copy of the store', async () => {
    const { directory, store, run, best } = await moduleProject()
    const other = join(directory, 'other.mjs')
    writeFileSync(other, `${readFileSync(join(directory, 'sweeps', 'mean.mjs'), 'utf8')}// another`)
    await elsewhere()
    await expect(reproduceRun(best, { store, trainer: other })).rejects.toMatchObject({
      code: 'TRAINER_INVALID',
      message: expect.stringContaining('SHA-256'),
    })
    await expect(openModel(await openRecord(store), best, { module: other })).rejects.toMatchObject(untrusted)
    const stranger = join(directory, 'stranger')
    cpSync(store, stranger, { recursive: true })
    await expect(resumeSweep(run, { store: stranger, trials: 3 })).rejects.toMatchObject(untrusted)
  })

  it('that has changed since loads no model unless vouched for, also where it is one’s own', async () => {
    const { directory, store, best } = await moduleProject()
    const module = join(directory, 'sweeps', 'mean.mjs')
    writeFileSync(module, `${readFileSync(module, 'utf8')}// edited`)
    const opened = await openStore(store)
    await expect(opened.loadModel(best)).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    await opened.loadModel(best, { importModule: true })
  })

  it('is asked where it can be ended: whatever it does, this process goes on', async () => {
    const { directory, store, best } = await moduleProject()
    const record = await openRecord(store)
    const model = await openAnswers(record, best)
    const { table } = tableFromRows(
      [Object.fromEntries(model.signature.columns.map(({ name }) => [name, 1]))],
      model.signature,
    )
    const answers = await model.answer({ table }, false)
    expect(answers).toEqual({
      predictions: (await openModel(record, best)).predictTable({ table }),
      probabilities: null,
    })
    writeFileSync(join(directory, 'sweeps', 'mean.mjs'), 'process.exit(0)')
    await expect(openAnswers(record, best)).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    const changed = await openAnswers(record, best, { importModule: true })
    await expect(changed.answer({ table }, false)).rejects.toThrow('must not end its process')
    await elsewhere()
    await expect(openAnswers(record, best)).rejects.toMatchObject(untrusted)
  })
})

it('a program that a record names is code as well: it runs where the sweep was started, or vouched for', async () => {
  const directory = join(await temporaryDirectory(), 'project')
  mkdirSync(directory)
  const mark = join(directory, 'mark')
  writeFileSync(join(directory, 'train.sh'), `echo x >> ${mark}\necho 'espalier: {"final": 1}'\n`)
  const file = join(directory, 'sweep.json')
  const parameters = { x: { type: 'float', min: 0, max: 1 } }
  writeFileSync(
    file,
    JSON.stringify({ trainer: { command: ['sh', 'train.sh', '{x}'] }, search: { trials: 1 }, parameters }),
  )
  const store = join(directory, 'runs')
  const { run } = await sweep(file, { store, workers: 1 })
  const marks = () => readFileSync(mark, 'utf8').length / 2
  expect(marks()).toBe(1)
  await resumeSweep(run, { store, trials: 2, workers: 1 })
  expect(marks()).toBe(2)
  const kept = process.env.XDG_STATE_HOME
  await elsewhere()
  await expect(resumeSweep(run, { store, trials: 3 })).rejects.toMatchObject({
    code: 'CODE_UNTRUSTED',
    message: expect.stringContaining('the program "sh" "train.sh" "{x}"'),
  })
  await expect(reproduceRun(run, { store })).rejects.toMatchObject({ code: 'CODE_UNTRUSTED' })
  expect(marks()).toBe(2)
  await resumeSweep(run, { store, trials: 3, trustModule: true })
  expect(marks()).toBe(3)
  // Moved away, it is found by its files; where those are nowhere, its folder is asked for.
  process.env.XDG_STATE_HOME = kept
  const moved = `${directory}-moved`
  renameSync(directory, moved)
  const there = { store: join(moved, 'runs') }
  writeFileSync(join(moved, 'train.sh'), `echo x >> ${join(moved, 'mark')}\necho 'espalier: {"final": 1}'\n`)
  await expect(resumeSweep(run, { ...there, trials: 4 })).rejects.toThrow('--directory DIR')
  const notes: string[] = []
  const result = await resumeSweep(run, {
    ...there,
    trials: 4,
    directory: moved,
    onEvent: (event) => event.type === 'warning' && notes.push(event.message),
  })
  expect(result.trials.finished).toBe(4)
  expect(notes.join()).toContain(`the program's file ${join(directory, 'train.sh')} has changed`)
})

it('a program is not given params that an altered record names: they must be of its space', async () => {
  const directory = await temporaryDirectory()
  const file = join(directory, 'sweep.json')
  writeFileSync(
    file,
    JSON.stringify({
      trainer: { command: ['sh', '-c', `: {x}; echo 'espalier: {"final": 1}'`] },
      search: { trials: 2 },
      parameters: { x: { type: 'int', min: 0, max: 9 } },
    }),
  )
  const store = join(directory, 'runs')
  const { run } = await sweep(file, { store, workers: 1 })
  const mark = join(directory, 'mark')
  const injected = { x: `$(touch ${mark})` }
  const journal = join(store, 'sweeps', run, 'journal.jsonl')
  const unfinished = rewritten(readFileSync(journal, 'utf8'), (entries) =>
    entries.event === 'started' && entries.trial === 1
      ? { ...entries, params: injected }
      : entries.event === 'finished' || (entries.event === 'ended' && entries.trial === 1)
        ? null
        : entries,
  )
  const complete = rewritten(readFileSync(journal, 'utf8'), (entries) =>
    entries.event === 'started' ? { ...entries, params: injected } : entries,
  )
  rmSync(join(store, 'sweeps', run, 'snapshot.json'))
  const refused = { code: 'STORE_CORRUPT', message: expect.stringContaining("its sweep's space") }
  writeFileSync(journal, complete)
  const [trial] = await (await openRecord(store)).trials(run)
  expect(trial.params).toEqual(injected)
  await expect(reproduceRun(trial.id, { store })).rejects.toMatchObject(refused)
  writeFileSync(journal, unfinished)
  await expect(resumeSweep(run, { store })).rejects.toMatchObject(refused)
  expect(existsSync(mark)).toBe(false)
})

it('a sweep whose process died as soon as it was on record goes on unasked', async () => {
  const { directory } = await moduleProject()
  const source = join(directory, 'sweeps', 'mean.json')
  const file = await parseSweepFile(JSON.parse(readFileSync(source, 'utf8')))
  const prepared = await prepareSweep({ file, source, beside: {} })
  const died = new Error('killed')
  const store = {
    createSweep: async ({ id, spec }: { id: string; spec: SweepSpec }) => {
      await checkTrusted(id, spec, {})
      throw died
    },
  } as unknown as Store
  const captured = captureConditions()
  const plan = { kind: 'new', experiment: 'killed' } as const
  const { open } = await openingOf(plan, { prepared, captured }, store, () => {})
  await expect(open({})).rejects.toBe(died)
})

it('where nothing can be remembered, sweeps run all the same', async () => {
  const blocked = join(await temporaryDirectory(), 'file')
  writeFileSync(blocked, '')
  process.env.XDG_STATE_HOME = blocked
  const { store, run } = await moduleProject()
  await expect(resumeSweep(run, { store, trials: 3 })).rejects.toMatchObject(untrusted)
})

describe('a store that was moved with its project', () => {
  it('finds data and module by what they are, and takes them where they are named', async () => {
    const { directory, run, best } = await moduleProject()
    const moved = `${directory}-moved`
    renameSync(directory, moved)
    const store = join(moved, 'runs')
    const notes: string[] = []
    const result = await resumeSweep(run, {
      store,
      workers: 1,
      trials: 3,
      onEvent: (event) => event.type === 'note' && notes.push(event.message),
    })
    expect(result.trials.finished).toBe(3)
    expect(notes.join('\n')).toContain(`the same file is ${join(moved, 'data', 'rows.csv')}`)
    expect(notes.join('\n')).toContain(`the same file is ${join(moved, 'sweeps', 'mean.mjs')}`)
    expect(await reproduceRun(best, { store, workers: 1 })).toMatchObject({ equal: true })
    await (await openStore(store)).loadModel(best)

    const data = join(await temporaryDirectory(), 'renamed.csv')
    renameSync(join(moved, 'data', 'rows.csv'), data)
    await expect(reproduceRun(best, { store })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(/SHA-256 [0-9a-f]{64}.*--data FILE/),
    })
    expect(await reproduceRun(best, { store, workers: 1, data })).toMatchObject({ equal: true, changes: [] })
    const wrong = { store, data: dataFile('wine.csv') }
    await expect(reproduceRun(best, wrong)).rejects.toMatchObject({ code: 'DATA_INVALID' })
    await expect(resumeSweep(run, { ...wrong, trials: 4 })).rejects.toMatchObject({ code: 'DATA_INVALID' })
    const stray = { store, data, testFile: data }
    await expect(reproduceRun(best, stray)).rejects.toThrow('--test-file says where the test file')
  })

  it('takes no other file for the one that is gone', async () => {
    const { directory, best } = await moduleProject()
    const moved = `${directory}-moved`
    renameSync(directory, moved)
    const data = join(moved, 'data', 'rows.csv')
    writeFileSync(data, `${readFileSync(data, 'utf8')}\n`)
    await expect(reproduceRun(best, { store: join(moved, 'runs') })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining('put it back'),
    })
  })
})
