/** Tables of trials: what people have, and what Espalier writes itself, come in; what it writes is what is on record. */
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  exportTrials,
  readTrialTable,
  recordForeign,
  type TrialTableOptions,
} from '../../../src/exchange/index.js'
import { readJournal } from '../../../src/exchange/trials/optuna/journal.js'
import { readSweepFile, sweep } from '../../../src/launch/index.js'
import { type ChildRun, openStore, type ParentRun, type RunStore } from '../../../src/tracking/index.js'
import { fixture } from './studies.js'

let directory: string
let store: RunStore
let run: ParentRun
let trials: readonly ChildRun[]

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'espalier-tables-'))
  store = await openStore(join(directory, 'runs'))
  const result = await sweep(
    {
      name: 'all kinds',
      objective: { metric: 'loss', direction: 'minimize' },
      parameters: {
        x: { type: 'float', min: 0.001, max: 10, scale: 'log' },
        half: { type: 'float', min: 0, max: 2, step: 0.5 },
        n: { type: 'int', min: 1, max: 64, scale: 'log' },
        kind: { type: 'categorical', values: ['-a', 'b', '=c'] },
        flag: { type: 'categorical', values: [true, false] },
        layers: { type: 'categorical', values: [[8], [8, 4], { deep: true }] },
        size: { type: 'ordinal', values: ['small', 'large'] },
        only: { type: 'int', min: 0, max: 9, when: { kind: ['b'] } },
        fixed: 3,
      },
      search: { algorithm: 'random', trials: 24, pruner: { name: 'median', minTrials: 3 } },
    },
    {
      store: store.directory,
      run: ({ x, n }, { report }) => {
        if (n === 7 || Number(x) > 8) throw new Error('too, "much"')
        for (let step = 0; step < 3; step++)
          report(step, { loss: Number(x) + Number(n) / 10 + 1 / (step + 1), other: step })
        return { loss: Number(x) + Number(n) / 10, other: 9.5 }
      },
    },
  )
  run = (await store.run(result.run)) as ParentRun
  trials = await store.trials(result.run)
  expect(new Set(trials.map(({ status }) => status)).size).toBeGreaterThan(1)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const file = (name: string, text: string | Uint8Array) => {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

const read = (text: string, options: TrialTableOptions = {}, name = 'table.csv') =>
  readTrialTable(file(name, text), options)

/** What a table can bring back of a trial. */
const facts = ({ trial, status, value, params, metrics, history, error, started, ended }: ChildRun) => ({
  ...{ trial, status, value, params, metrics, history, error, started, ended },
})

describe('a table of Espalier’s own', () => {
  for (const format of ['csv', 'parquet'] as const)
    it(`comes back as it was, ${format}`, async () => {
      const { bytes } = await exportTrials(store, run, format)
      writeFileSync(join(directory, 'space.json'), JSON.stringify({ parameters: run.spec.parameters }))
      const space = await readSweepFile(join(directory, 'space.json'))
      const found = await readTrialTable(file(`own.${format}`, bytes), { space, direction: 'minimize' })
      expect(found.objective).toEqual({ metric: 'loss', direction: 'minimize' })
      const other = await openStore(join(directory, `again-${format}`))
      const { sweep: id } = await recordForeign(other, found)
      const again = await other.trials(id)
      expect(again.map(facts)).toEqual(trials.map(facts))
    })

  it('is also what `runs export` writes', async () => {
    const text = await store.exportRuns({ sweep: run.id }, 'csv')
    const found = await read(text, { direction: 'minimize' })
    expect(found.objective.metric).toBe('loss')
    expect(found.trials.map(({ value }) => value)).toEqual(trials.map(({ value }) => value))
    expect(found.trials.map(({ params }) => params)).toEqual(trials.map(({ params }) => params))
  })
})

describe('what is written', () => {
  it('JSON: the record, with its space', async () => {
    const { bytes } = await exportTrials(store, run, 'json')
    const json = JSON.parse(new TextDecoder().decode(bytes))
    expect(json).toMatchObject({ format: 'espalier-trials', version: 1, space: run.spec.parameters })
    expect(json.trials.map((one: ChildRun) => one.history)).toEqual(trials.map(({ history }) => history))
    expect(json.trials.map((one: ChildRun) => one.params)).toEqual(trials.map(({ params }) => params))
  })

  it('Parquet: columns with types', async () => {
    const { bytes, warnings } = await exportTrials(store, run, 'parquet')
    const rows = await parquetReadObjects({ file: bytes.slice().buffer })
    expect(rows).toHaveLength(trials.length)
    for (const [i, row] of rows.entries()) {
      const { params, value, started, metrics, history } = trials[i]
      expect(row['params.x']).toBe(params.x)
      expect(row['params.n']).toBe(BigInt(params.n as number))
      expect(row['params.flag']).toBe(params.flag)
      expect(row.value ?? null).toBe(value)
      expect(row.started).toEqual(new Date(started))
      expect(row['metrics.other'] ?? null).toBe(metrics.other ?? null)
      expect(row.history === null ? {} : JSON.parse(row.history)).toEqual(history)
    }
    expect(warnings).toEqual([
      'a column of Parquet has one type: the values of params.layers are written as texts',
    ])
  })

  it('Optuna: a study, with what it cannot hold told', async () => {
    const { bytes, warnings } = await exportTrials(store, run, 'optuna')
    const study = readJournal(Buffer.from(bytes), 'journal.log').study('all kinds')
    expect(study.directions).toEqual(['minimize'])
    const states = { finished: 'COMPLETE', pruned: 'PRUNED', failed: 'FAIL' } as const
    for (const [i, trial] of study.trials.entries()) {
      const was = trials[i]
      expect(trial.state).toBe(states[was.status as 'finished'])
      expect(trial.values).toEqual(was.value === null ? null : [was.value])
      const { layers, ...params } = was.params
      expect(Object.fromEntries(trial.params)).toEqual({ ...params, layers: JSON.stringify(layers) })
      expect(trial.intermediate.map(([, value]) => value)).toEqual(was.history.loss?.values ?? [])
      expect(trial.userAttrs['espalier.run']).toBe(was.id)
      const { loss: _, ...others } = was.metrics
      expect(trial.userAttrs['espalier.metrics'] ?? {}).toEqual(others)
    }
    expect(warnings).toEqual([
      "Optuna's choices are single values: the lists and objects of layers are written as their JSON",
      'Optuna knows no order of choices: size is written as a categorical',
      'Optuna has no constants: they are written as choices of one value',
    ])
  })

  it('refuses other formats', async () => {
    await expect(exportTrials(store, run, 'xml' as 'csv')).rejects.toMatchObject({ code: 'USAGE' })
  })
})

describe('a table of other tools’', () => {
  it('is typed by its values; the rest is said', async () => {
    const found = await read(
      'lr,depth,kind,on,loss\n0.1,3,a,true,1.5\n0.25,4,b,false,1.25\n0.5,9,a,true,2\n',
      {
        params: ['lr', 'depth', 'kind', 'on'],
        value: 'loss',
        direction: 'minimize',
      },
    )
    expect(found.parameters).toEqual({
      lr: { type: 'float', min: 0.1, max: 0.5 },
      depth: { type: 'int', min: 3, max: 9 },
      kind: { type: 'categorical', values: ['a', 'b'] },
      on: { type: 'categorical', values: [false, true] },
    })
    expect(found.trials.map(({ params }) => params)[1]).toEqual({ lr: 0.25, depth: 4, kind: 'b', on: false })
    expect(found.trials.map(({ value }) => value)).toEqual([1.5, 1.25, 2])
    expect(found.warnings.join()).toContain('lr numbers 0.1 … 0.5; depth whole numbers 3 … 9')
  })

  it('has semicolons and decimal commas', async () => {
    const found = await read('lr;loss;other\n0,5;1,25;x\n1,5;2,5;y\n', {
      params: ['lr'],
      value: 'loss',
      direction: 'maximize',
    })
    expect(found.trials.map(({ params, value }) => [params.lr, value])).toEqual([
      [0.5, 1.25],
      [1.5, 2.5],
    ])
    expect(found.warnings.join()).toContain('left out: other')
  })

  it('has rows without a value, or with none that counts: failed, with the reason', async () => {
    const found = await read('x,loss\n1,0.5\n2,\n3,NaN\n4,inf\n5,oom\n', {
      params: ['x'],
      value: 'loss',
      direction: 'minimize',
    })
    expect(found.trials.map(({ status }) => status)).toEqual([
      'finished',
      'failed',
      'failed',
      'failed',
      'failed',
    ])
    expect(found.trials.map(({ error }) => error?.message ?? '')).toEqual([
      '',
      'the table has no value of "loss"',
      'the table has no value of "loss"',
      expect.stringContaining('"inf"'),
      expect.stringContaining('"oom"'),
    ])
    expect(found.warnings.join()).toContain(
      '4 rows without a number in "loss" (2 empty or NaN, 1 infinite, 1 word)',
    )
  })

  it('says how trials ended, in the words of several tools', async () => {
    const words = ['COMPLETE', 'Finished', 'PRUNED', 'FAIL', 'crashed', 'running', 'waiting']
    const rows = words.map((word, i) => `${i},${word},${i}`).join('\n')
    const found = await read(`x,state,loss\n${rows}\n`, {
      params: ['x'],
      value: 'loss',
      direction: 'minimize',
    })
    expect(found.trials.map(({ status }) => status)).toEqual([
      'finished',
      'finished',
      'pruned',
      'failed',
      'failed',
      'interrupted',
    ])
    expect(found.warnings.join()).toContain('1 trial that had not begun is left out')
    await expect(
      read('x,state,loss\n1,odd,2\n', { params: ['x'], value: 'loss', direction: 'minimize' }),
    ).rejects.toThrow('line 2, column "state" is "odd"')
  })

  it('has empty cells where a parameter is not there', async () => {
    const found = await read('kind,c,loss\na,1.5,1\nb,,2\na,2.5,3\nb,,1\n', {
      params: ['kind', 'c'],
      value: 'loss',
      direction: 'minimize',
    })
    expect(found.parameters.c).toEqual({ type: 'float', min: 1.5, max: 2.5, when: { kind: ['a'] } })
    expect(found.trials[1].params).toEqual({ kind: 'b' })
  })

  it('is taken for trials of a space that is given, and checked against it', async () => {
    writeFileSync(
      join(directory, 's.json'),
      JSON.stringify({
        parameters: { x: { type: 'float', min: 0, max: 4 }, k: { type: 'categorical', values: ['1', '2'] } },
      }),
    )
    const space = await readSweepFile(join(directory, 's.json'))
    const options = { params: ['x', 'k'], value: 'loss', direction: 'minimize' as const, space }
    const found = await read('x,k,loss\n1,1,5\n9,2,6\n', options)
    expect(found.parameters).toEqual(space.parameters)
    expect(found.trials.map(({ params }) => params)).toEqual([
      { x: 1, k: '1' },
      { x: 9, k: '2' },
    ])
    // Its names are columns, where none are named, and its objective says which values are better.
    const { params: _, direction: __, ...others } = options
    const unnamed = {
      ...others,
      space: { ...space, objective: { metric: 'loss', direction: 'minimize' as const } },
    }
    expect((await read('x,k,loss\n1,1,5\n9,2,6\n', unnamed)).trials).toEqual(found.trials)
    const { warnings } = await recordForeign(await openStore(join(directory, 'spaced')), found)
    expect(warnings.join()).toContain('1 of 2 finished trials are on record and do not lie in the space')
    await expect(read('x,loss\n1,5\n', { ...options, params: ['x'] })).rejects.toThrow(
      'no column is named for k',
    )
    await expect(read('x,y,loss\n1,1,5\n', { ...options, params: ['x', 'y'] })).rejects.toThrow(
      'it has no "y"',
    )
  })

  it('has numbers by the decimal mark of its file, also in a column with a word in it', async () => {
    const options = { params: ['lr'], value: 'loss', direction: 'minimize' as const }
    const { trials } = await read('lr;loss\n0,1;0,5\n0,2;0,4\n0,3;-inf\n', options)
    expect(trials.map(({ status, value }) => [status, value])).toEqual([
      ['finished', 0.5],
      ['finished', 0.4],
      ['failed', null],
    ])
  })

  it('is taken as Ray and MLflow write it', async () => {
    const options = { value: 'loss', direction: 'minimize' as const }
    const ray = await read(
      ',loss,done,config/lr,config/opt/name\n0,0.5,False,0.01,a\n1,0.4,True,0.02,b\n',
      options,
    )
    expect(ray.trials.map(({ params, value }) => [params, value])).toEqual([
      [{ lr: 0.01, 'opt/name': 'a' }, 0.5],
      [{ lr: 0.02, 'opt/name': 'b' }, 0.4],
    ])
    expect(ray.warnings[0]).toBe(
      'columns that no option names are left out: index, done (--metrics takes numbers)',
    )
    const named = await read('loss,config/lr\n0.5,1\n', { ...options, params: ['config/lr'] })
    expect(named.trials[0].params).toEqual({ lr: 1 })
    const mlflow = await read(
      'run_id,status,start_time,end_time,params.lr,metrics.loss\nab,FINISHED,2026-01-31 12:00:00.5+00:00,2026-01-31 12:00:02.500000+00:00,1,0.5\n',
      { ...options, value: 'metrics.loss' },
    )
    expect(mlflow.trials[0]).toMatchObject({
      ...{ params: { lr: 1 }, value: 0.5, status: 'finished' },
      ...{ started: '2026-01-31T12:00:00.500Z', ended: '2026-01-31T12:00:02.500Z' },
    })
    expect(mlflow.objective.metric).toBe('loss')
  })

  it('counts its times since 1970', async () => {
    const options = { value: 'loss', direction: 'minimize' } as const
    const startOf = async (time: string) =>
      (await read(`params.x,loss,started\n1,2,${time}\n`, options)).trials[0].started
    for (const noon of ['1769860800', '1769860800000'])
      expect(await startOf(noon)).toBe('2026-01-31T12:00:00.000Z')
    for (const later of ['1769860800.5', '1769860800500'])
      expect(await startOf(later)).toBe('2026-01-31T12:00:00.500Z')
    for (const other of ['3600', '-5', 'yesterday'])
      await expect(startOf(other)).rejects.toThrow(`is "${other}", and a time is written`)
  })

  it('lacks what is needed', async () => {
    const text = 'x,loss\n1,2\n'
    for (const name of ['small.db', 'small.log'])
      await expect(
        readTrialTable(fixture(`optuna-5/${name}`), { value: 'loss', direction: 'minimize' }),
      ).rejects.toThrow(`espalier import optuna ${name}`)
    await expect(read(text, { params: ['y'], value: 'loss' })).rejects.toThrow('--params names a column')
    await expect(read(text, { params: ['x'], value: 'los' })).rejects.toThrow('loss')
    await expect(read(text, { value: 'loss' })).rejects.toThrow('--params x (it has x, loss)')
    await expect(read(text, { params: ['x'], value: 'loss' })).rejects.toThrow('--direction minimize')
    await expect(read(text, { params: ['x', 'loss'], value: 'loss', direction: 'minimize' })).rejects.toThrow(
      'named for both',
    )
    expect((await read('x,accuracy\n1,2\n', { params: ['x'], value: 'accuracy' })).objective.direction).toBe(
      'maximize',
    )
  })
})
