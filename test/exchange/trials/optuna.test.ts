/** Optuna's files, of three of its versions, read as Optuna itself reads them; recorded; written back. */
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportTrials, readOptuna, recordForeign } from '../../../src/exchange/index.js'
import { readJournal } from '../../../src/exchange/trials/optuna/journal.js'
import { readSqlite } from '../../../src/exchange/trials/optuna/sqlite.js'
import { importance, openModel, reproduceRun, resumeSweep, sweep } from '../../../src/launch/index.js'
import { openStore, type ParentRun, type RunStore } from '../../../src/tracking/index.js'
import { expectStudy, fixture, folders, plain, told } from './studies.js'

let directory: string
let store: RunStore

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'espalier-trials-'))
  store = await openStore(join(directory, 'runs'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const storageOf = async (path: string) => {
  const bytes = readFileSync(path)
  return path.endsWith('.db') ? readSqlite(bytes, path, path) : readJournal(bytes, path)
}

async function imported(path: string, options = {}): Promise<ParentRun> {
  const { sweep: id } = await recordForeign(store, await readOptuna(path, options))
  return (await store.run(id)) as ParentRun
}

// Fixtures of versions before 5 were written where the clock was UTC's; their times have no zone.
const isHere = (folder: string) => folder === 'optuna-5' || new Date(0).getTimezoneOffset() === 0

for (const folder of folders)
  for (const [name, studies] of Object.entries(told(folder)))
    describe.skipIf(!isHere(folder))(`${folder}/${name}`, () => {
      it('is read as Optuna reads it', async () => {
        const storage = await storageOf(fixture(`${folder}/${name}`))
        expect(storage.names).toEqual(studies.map((study) => study.name))
        for (const study of studies) expectStudy(storage.study(study.name), study)
      })

      it('is recorded, and comes back the same from the record', async () => {
        for (const expected of studies) {
          const run = await imported(fixture(`${folder}/${name}`), { study: expected.name })
          const begun = expected.trials.filter(({ state }) => state !== 'WAITING')
          const trials = await store.trials(run.id)
          expect(trials.map(({ trial }) => trial)).toEqual(begun.map(({ number }) => number))
          for (const { conditions } of trials)
            expect(conditions.origin).toEqual({ rule: 'elsewhere', tool: 'optuna' })
          const { bytes } = await exportTrials(store, run, 'optuna')
          const back = readJournal(Buffer.from(bytes), 'journal.log').study(expected.name)
          expect(back.trials).toHaveLength(begun.length)
          for (const [i, trial] of back.trials.entries()) {
            const was = begun[i]
            // What never ended does not run there either.
            expect(trial.state).toBe(was.state === 'RUNNING' ? 'FAIL' : was.state)
            expect(plain(Object.fromEntries(trial.params))).toEqual(was.params)
            expect(plain(Object.fromEntries(trial.intermediate))).toEqual(was.steps)
            if (expected.directions.length === 1) expect(plain(trial.values)).toEqual(was.values)
            else expect(trial.values).toEqual([was.values![0]])
            expect(Date.parse(trial.started!)).toBe(Date.parse(was.start!))
            if (was.end !== null) expect(Date.parse(trial.completed!)).toBe(Date.parse(was.end))
            expect(trial.systemAttrs).toEqual(was.systemAttrs)
            const own = Object.entries(trial.userAttrs).filter(([key]) => !key.startsWith('espalier.'))
            expect(Object.fromEntries(own)).toEqual(was.userAttrs)
          }
        }
      })
    })

describe('a study on record', () => {
  it('has statuses, values, steps, times and reasons of its trials', async () => {
    const run = await imported(fixture('optuna-5/small.db'))
    const [{ trials: expected }] = told('optuna-5')['small.db']
    const trials = await store.trials(run.id)
    expect(run.status).toBe('finished')
    expect(run.objective).toEqual({ metric: 'loss', direction: 'minimize' })
    expect(run.started).toBe(expected[0].start)
    const statuses = {
      COMPLETE: 'finished',
      PRUNED: 'pruned',
      FAIL: 'failed',
      RUNNING: 'interrupted',
      WAITING: '',
    }
    for (const [i, trial] of trials.entries()) {
      const was = expected[i]
      const isInfinite = was.values?.[0] === 'inf'
      expect(trial.status).toBe(isInfinite ? 'failed' : statuses[was.state])
      if (trial.status === 'finished' || trial.status === 'pruned')
        expect(trial.value).toBe(was.values?.[0] ?? null)
      if (trial.status === 'failed') expect(trial.error!.message).not.toBe('')
      expect(trial.params).toEqual(was.params)
      const steps = Object.entries(was.steps).filter(([, value]) => typeof value === 'number')
      expect(trial.history.loss?.steps ?? []).toEqual(steps.map(([step]) => Number(step)))
      expect(trial.history.loss?.values ?? []).toEqual(steps.map(([, value]) => value))
      expect(trial.tags['optuna.user.note']).toBe(was.userAttrs.note)
    }
    expect(trials[5]).toMatchObject({ status: 'failed', error: { code: 'METRIC_NOT_FINITE' } })
    expect(trials[3]).toMatchObject({ status: 'failed', error: { code: 'FAILED_ELSEWHERE' } })
    const finished = expected.filter(({ state, values }) => state === 'COMPLETE' && values![0] !== 'inf')
    expect(run.best!.value).toBe(Math.min(...finished.map(({ values }) => values![0] as number)))
  })

  it('has the conditions of parameters that only some trials have', async () => {
    const { spec } = await imported(fixture('optuna-5/small.log'))
    expect(spec.parameters).toEqual({
      kind: { type: 'categorical', values: ['svm', 'forest'] },
      c: { type: 'float', min: 0.001, max: 1000, scale: 'log', when: { kind: ['svm'] } },
      depth: { type: 'int', min: 2, max: 32, scale: 'log', when: { kind: ['forest'] } },
      trees: { type: 'int', min: 10, max: 200, step: 10, when: { kind: ['forest'] } },
      rate: { type: 'float', min: 0, max: 1, step: 0.25 },
      flag: { type: 'categorical', values: [true, false, null, 1.5, 'x'] },
    })
  })

  it('is the same sweep from either storage, but for its times', async () => {
    const [db, log] = [
      await readOptuna(fixture('optuna-5/two.db'), { study: 'second' }),
      await readOptuna(fixture('optuna-5/two.log'), { study: 'second' }),
    ]
    expect(log.parameters).toEqual(db.parameters)
    expect(db.parameters).toEqual({ x: { type: 'float', min: 0, max: 4 } })
    expect(db.warnings.join()).toContain('the distribution of x changes between trials')
  })

  it('is recorded once, unless it is asked for again, and anew where it has changed', async () => {
    const study = await readOptuna(fixture('optuna-5/small.db'))
    const first = await recordForeign(store, study)
    const second = await recordForeign(store, study)
    expect(second).toMatchObject({ sweep: first.sweep, already: true })
    expect(await store.sweeps()).toHaveLength(1)
    expect((await recordForeign(store, study, { again: true })).already).toBe(false)
    const grown = await recordForeign(store, { ...study, trials: study.trials.slice(1) })
    expect(grown.already).toBe(false)
    expect(grown.warnings.join()).toContain('was imported before')
    expect(await store.sweeps()).toHaveLength(3)
  })

  it('tells importance, starts a sweep, and neither goes on nor is trained again', async () => {
    const run = await imported(fixture('optuna-5/two.db'), { study: 'first', metric: 'loss' })
    const insight = await importance(store, run)
    expect(insight.trials).toBe(6)
    const trial = (await store.trials(run.id))[0]
    await expect(resumeSweep(run.id, { store: store.directory })).rejects.toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining('was imported'),
    })
    await expect(reproduceRun(trial.id, { store: store.directory })).rejects.toMatchObject({
      code: 'REPRODUCE_REFUSED',
    })
    await expect(openModel(store, trial.id)).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('was imported'),
    })
    const file = {
      objective: { metric: 'loss', direction: 'minimize' as const },
      parameters: {
        x: { type: 'float' as const, min: 0, max: 2 },
        n: { type: 'int' as const, min: 1, max: 5 },
      },
      search: { trials: 2, warmStart: run.id },
    }
    const result = await sweep(file, { store: store.directory, run: ({ x, n }) => ({ loss: x + n }) })
    const started = (await store.run(result.run)) as ParentRun
    const known = (started.spec.search as { warmStart: { trials: unknown[] } }).warmStart.trials
    expect(known).toHaveLength(6)
    expect(result.notes.join()).toContain('what ran its trials, on which data, is not on record')
  })

  it('is never the latest sweep that fits: nobody said that it compares', async () => {
    await imported(fixture('optuna-5/two.db'), { study: 'first', metric: 'loss' })
    const file = {
      objective: { metric: 'loss', direction: 'minimize' as const },
      parameters: {
        x: { type: 'float' as const, min: 0, max: 2 },
        n: { type: 'int' as const, min: 1, max: 5 },
      },
      search: { trials: 1, warmStart: 'latest' },
    }
    const result = await sweep(file, { store: store.directory, run: ({ x, n }) => ({ loss: x + n }) })
    expect(result.notes.join()).toContain('another trainer: optuna first')
  })

  it('goes by the objective that is asked for', async () => {
    const path = fixture('optuna-5/two.log')
    const second = await readOptuna(path, { study: 'first', objective: '1' })
    expect(second.objective).toEqual({ metric: 'value1', direction: 'maximize' })
    const [{ trials }] = told('optuna-5')['two.log']
    expect(second.trials.map(({ value }) => value)).toEqual(trials.map(({ values }) => values![1]))
    expect(second.trials.map(({ metrics }) => metrics.value0)).toEqual(trials.map(({ values }) => values![0]))
    await expect(readOptuna(path, { study: 'first', objective: '2' })).rejects.toThrow('0 value0, 1 value1')
  })
})

describe('what is wrong is told', () => {
  it('several studies: which there are', async () => {
    await expect(readOptuna(fixture('optuna-5/two.db'))).rejects.toThrow('"first", "second"')
    // As Optuna names it; of another address nothing is repeated that may be a password.
    const address = `sqlite:///${relative('.', fixture('optuna-5/two.db'))}?timeout=5`
    expect(await readOptuna(address, { study: 'first' })).toEqual(
      await readOptuna(fixture('optuna-5/two.db'), { study: 'first' }),
    )
    await expect(readOptuna('mysql+pymysql://me:secret@host/db')).rejects.toThrow(
      /\(got an address, mysql:\/\/…\); copy it into one: optuna\.copy_study/,
    )
    await expect(readOptuna(fixture('optuna-5/two.db'), { study: 'fist' })).rejects.toThrow('first')
  })

  it('half a last line is left out', async () => {
    const path = join(directory, 'journal.log')
    copyFileSync(fixture('optuna-5/small.log'), path)
    appendFileSync(path, '{"op_code":4,"worker_id":"a","study_id":0,"datetime_st')
    const study = await readOptuna(path)
    expect(study.warnings[0]).toContain('the last line of journal.log')
    expect(study.trials).toHaveLength(15)
  })

  it('a broken line within: its number', async () => {
    const path = join(directory, 'journal.log')
    const lines = readFileSync(fixture('optuna-5/small.log'), 'utf8').split('\n')
    writeFileSync(path, [...lines.slice(0, 7), lines[7].slice(0, 20), ...lines.slice(8)].join('\n'))
    await expect(readOptuna(path)).rejects.toThrow('line 8 of journal.log is no JSON')
    writeFileSync(path, `${lines[0]}\n{"op_code":77}\n`)
    await expect(readOptuna(path)).rejects.toThrow('unknown operation 77')
  })

  it('a log of SQLite beside the file: part of the study is in it', async () => {
    const path = join(directory, 'study.db')
    copyFileSync(fixture('optuna-5/small.db'), path)
    writeFileSync(`${path}-wal`, 'x')
    await expect(readOptuna(path)).rejects.toThrow('wal_checkpoint')
    writeFileSync(`${path}-wal`, '')
    expect((await readOptuna(path)).trials).toHaveLength(15)
  })

  it('a file of the mode wal is read where nothing waits beside it', async () => {
    const path = join(directory, 'study.db')
    const bytes = readFileSync(fixture('optuna-5/small.db'))
    bytes.fill(2, 18, 20)
    writeFileSync(path, bytes)
    expect((await readOptuna(path)).trials).toHaveLength(15)
  })

  it('other files', async () => {
    const path = join(directory, 'other')
    writeFileSync(path, 'a,b\n1,2\n')
    await expect(readOptuna(path)).rejects.toThrow('is no JSON')
    writeFileSync(path, '')
    await expect(readOptuna(path)).rejects.toThrow('holds none')
    await expect(readOptuna(join(directory, 'none'))).rejects.toMatchObject({ code: 'FILE_NOT_READABLE' })
  })
})
