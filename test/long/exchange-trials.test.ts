/**
 * Studies that real Optuna writes come in with every value, and our sweeps go out so that Optuna, pandas and pyarrow read every value.
 * Needs a Python with Optuna, pandas and pyarrow.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportTrials, readOptuna, recordForeign } from '../../src/exchange/index.js'
import { readJournal } from '../../src/exchange/trials/optuna/journal.js'
import { readSqlite } from '../../src/exchange/trials/optuna/sqlite.js'
import { sweep } from '../../src/launch/index.js'
import { openStore, type ParentRun, type RunStore } from '../../src/tracking/index.js'
import { expectStudy, type ToldStudy } from '../exchange/trials/studies.js'
import { askPython, pythonHas } from './oracle.js'

const python = process.env.ESPALIER_BENCH_PYTHON ?? 'python3'
const { able, why } = pythonHas('optuna', 'pandas', 'pyarrow')
const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const make = path('test/exchange/trials/fixtures')

/** What Optuna reads of a journal. */
const reading = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, ${JSON.stringify(make)})
import make, optuna
given = json.load(sys.stdin)
opened = make.storage(given["folder"], given["name"], "log")
names = optuna.study.get_all_study_names(opened)
print(json.dumps([make.what(optuna.load_study(study_name=one, storage=opened)) for one in names]))
`

/** A study of many kinds of parameters, values and ends. */
const writing = `
import json, sys, math
sys.dont_write_bytecode = True
sys.path.insert(0, ${JSON.stringify(make)})
import make, optuna
given = json.load(sys.stdin)
def objective(trial):
    depth = trial.suggest_int("layers", 1, 3)
    for i in range(depth):
        trial.suggest_int(f"units{i}", 4, 128, log=True)
    value = trial.suggest_float("x", -5, 5) ** 2
    trial.suggest_float("lr", 1e-6, 1, log=True)
    trial.suggest_categorical("act", ["relu", "tanh", None, True, 2])
    trial.suggest_categorical("one", ["only"])
    trial.suggest_int("same", 7, 7)
    trial.set_user_attr("π", "ü \\" \\n")
    if trial.number % 11 == 5:
        raise ValueError("no")
    if trial.number % 13 == 6:
        return float("nan")
    if trial.number % 17 == 7:
        return float("-inf")
    for step in range(0, 10, 2):
        trial.report(value / (step + 1), step)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return value
found = {}
for kind in ["db", "log"]:
    study = optuna.create_study(study_name="large", storage=make.storage(given["folder"], "large", kind), sampler=optuna.samplers.TPESampler(seed=3), pruner=optuna.pruners.MedianPruner())
    study.optimize(objective, n_trials=120, catch=(ValueError,))
    found[kind] = make.what(optuna.load_study(study_name="large", storage=make.storage(given["folder"], "large", kind)))
print(json.dumps(found))
`

describe.skipIf(!able)(`trials from and for other tools${why}`, () => {
  let directory: string
  let store: RunStore
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'espalier-exchange-'))
    store = await openStore(join(directory, 'runs'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  const backFromOptuna = async (run: ParentRun, name: string): Promise<ToldStudy> => {
    const { bytes } = await exportTrials(store, run, 'optuna')
    await writeFile(join(directory, `${name}.log`), bytes)
    const studies = askPython<ToldStudy[]>(reading, { folder: directory, name })
    expect(studies).toHaveLength(1)
    return studies[0]
  }

  it('a study of 120 trials comes in from both storages, and goes back equal', async () => {
    const found = askPython<Record<'db' | 'log', ToldStudy>>(writing, { folder: directory })
    const { readFileSync } = await import('node:fs')
    for (const kind of ['db', 'log'] as const) {
      const file = join(directory, `large.${kind}`)
      const bytes = readFileSync(file)
      const storage = kind === 'db' ? await readSqlite(bytes, file, file) : readJournal(bytes, file)
      expectStudy(storage.study('large'), found[kind])
      const { sweep: id } = await recordForeign(store, await readOptuna(file), { experiment: kind })
      const back = await backFromOptuna((await store.run(id)) as ParentRun, `back-${kind}`)
      const trials = back.trials.map(({ userAttrs, ...trial }) => ({
        ...trial,
        userAttrs: Object.fromEntries(
          Object.entries(userAttrs).filter(([key]) => !key.startsWith('espalier.')),
        ),
      }))
      expect(trials).toEqual(found[kind].trials)
      expect(back.directions).toEqual(found[kind].directions)
      expect(back.metrics).toEqual(found[kind].metrics)
    }
  })

  it('sweeps of a data set, pruned ones and ones of a program are read by Optuna, pandas and pyarrow', async () => {
    await writeFile(
      join(directory, 'program.py'),
      'import json, sys\nx = float(sys.argv[1])\nif x > 0.9: sys.exit("too much")\nfor step in range(3):\n    print(json.dumps({"step": step, "loss": x / (step + 1)}))\nprint(json.dumps({"loss": x}))\n',
    )
    const csv = path('search-spaces/data/wine.csv')
    const files = [
      {
        name: 'wine',
        trainer: 'knn-classifier',
        data: { file: csv, target: 'cultivar' },
        parameters: {
          k: { type: 'int', min: 1, max: 30 },
          weights: { type: 'categorical', values: ['uniform', 'distance'] },
        },
        search: { trials: 8 },
      },
      {
        name: 'pruned',
        trainer: 'perceptron-classifier',
        data: { file: csv, target: 'cultivar' },
        parameters: { learningRate: { type: 'float', min: 0.0001, max: 1, scale: 'log' } },
        search: { trials: 12, pruner: { name: 'folds' } },
      },
      {
        name: 'program',
        trainer: { command: [python, join(directory, 'program.py'), '{x}'] },
        objective: { metric: 'loss', direction: 'minimize' },
        parameters: { x: { type: 'float', min: 0, max: 1 } },
        search: { trials: 6, algorithm: 'sobol' },
      },
    ]
    for (const file of files) {
      const path = join(directory, `${file.name}.json`)
      await writeFile(path, JSON.stringify(file))
      const { run: id } = await sweep(path, { store: store.directory })
      const run = (await store.run(id)) as ParentRun
      const trials = await store.trials(id)
      const study = await backFromOptuna(run, file.name)
      expect(study.name).toBe(file.name)
      expect(study.metrics).toEqual([run.objective.metric])
      expect(study.directions).toEqual([run.objective.direction.toUpperCase()])
      const states = { finished: 'COMPLETE', pruned: 'PRUNED', failed: 'FAIL' }
      for (const [i, trial] of study.trials.entries()) {
        const was = trials[i]
        expect(trial.state).toBe(states[was.status as 'finished'])
        expect(trial.params).toEqual(was.params)
        expect(trial.values).toEqual(was.value === null ? null : [was.value])
        expect(Object.values(trial.steps)).toEqual(was.history[run.objective.metric]?.values ?? [])
        expect(Date.parse(trial.start!)).toBe(Date.parse(was.started))
        expect(Date.parse(trial.end!)).toBe(Date.parse(was.ended!))
      }
      for (const format of ['csv', 'parquet'] as const)
        await writeFile(join(directory, `table.${format}`), (await exportTrials(store, run, format)).bytes)
      const tables = askPython<Record<string, Record<string, unknown>[]>>(
        `
import json, sys, pandas, pyarrow.parquet
folder = json.load(sys.stdin)
def rows(frame):
    return json.loads(frame.to_json(orient="records", double_precision=15))
print(json.dumps({"csv": rows(pandas.read_csv(folder + "/table.csv")), "parquet": rows(pyarrow.parquet.read_table(folder + "/table.parquet").to_pandas())}))
`,
        directory,
      )
      for (const rows of Object.values(tables)) {
        expect(rows).toHaveLength(trials.length)
        for (const [i, row] of rows.entries()) {
          const { value, params, history, status, trial } = trials[i]
          expect(row).toMatchObject({ trial, status })
          if (value === null) expect(row.value).toBeNull()
          else expect(row.value).toBeCloseTo(value, 12)
          for (const [name, one] of Object.entries(params))
            if (typeof one === 'number') expect(row[`params.${name}`]).toBeCloseTo(one, 12)
            else expect(row[`params.${name}`]).toBe(one)
          expect(row.history == null ? {} : JSON.parse(row.history as string)).toEqual(history)
        }
      }
    }
  }, 240_000)
})
