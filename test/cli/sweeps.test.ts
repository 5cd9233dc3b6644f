/** Sweeps from the command line, their records, their models; interruption and resumption. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Document, data, fixtures, irisKnn, main, makeFolder } from './run.js'

const folder = makeFolder()
afterAll(folder.remove)

const x = { type: 'float', min: 0, max: 1 }
const { write } = folder
const iris = write('iris.json', irisKnn)

describe('a sweep and its record', () => {
  let result: Document
  let progress: string

  beforeAll(async () => {
    const ended = await folder.run('sweep', iris, '--json', '--trials', '10', '--workers', '2')
    expect(ended.code).toBe(0)
    result = JSON.parse(ended.stdout)
    progress = ended.stderr
  })

  it('prints its result as one document, progress aside', () => {
    expect(Object.keys(result)).toEqual([
      'experiment',
      'run',
      'status',
      'seed',
      'trials',
      'best',
      'baseline',
      'seconds',
    ])
    expect(result).toMatchObject({
      experiment: { id: expect.any(String), name: 'iris-knn' },
      status: 'finished',
      seed: 3,
      trials: { finished: 10, pruned: 0, failed: 0 },
      seconds: expect.any(Number),
    })
    expect(Object.keys(result.best)).toEqual(['run', 'trial', 'value', 'params', 'metrics'])
    expect(result.best.metrics.accuracy).toBe(result.best.value)
    expect(progress).toContain('10 trials, random, seed 3')
    expect(progress.match(/^trial \d+ finished/gm)).toHaveLength(10)
  })

  it('best shows it', async () => {
    const best = await folder.json('best', '--experiment', 'iris-knn')
    expect(Object.keys(best)).toEqual([
      ...[
        'run',
        'parent',
        'experiment',
        'trial',
        'value',
        'metric',
        'direction',
        'params',
        'metrics',
        'model',
        'baseline',
        'judging',
        'importances',
      ],
    ])
    expect(best).toMatchObject({
      run: result.best.run,
      parent: result.run,
      metric: 'accuracy',
      direction: 'maximize',
    })
    expect(JSON.parse(readFileSync(best.model, 'utf8'))).toMatchObject({ format: 'espalier-model' })
    const loss = await folder.json('best', '--metric', 'logLoss')
    expect(loss).toMatchObject({ metric: 'logLoss', direction: 'minimize' })
    const { stdout } = await folder.run('best', '--sweep', result.run.slice(0, 6))
    expect(stdout).toContain(result.best.run)
    expect(stdout).toMatch(/^ {2}correctedAccuracy +0\.\d+ \(95 % between 0\.\d+ and [01][.\d]*\)$/m)
  })

  it('says which experiments and metrics there are, where the one asked for is none', async () => {
    const experiment = await folder.run('best', '--experiment', 'iris-kn')
    expect(experiment).toMatchObject({ code: 2, stdout: '' })
    expect(experiment.stderr).toMatch(
      /^error: there is no experiment "iris-kn" in .*; did you mean "iris-knn"\?\n$/,
    )
    for (const more of [[], ['--direction', 'minimize']]) {
      const metric = await folder.run('best', '--metric', 'acuracy', ...more)
      expect(metric).toMatchObject({ code: 2, stdout: '' })
      expect(metric.stderr).toContain('none has "acuracy"; did you mean "accuracy"?')
    }
    const listed = await folder.run('runs', 'list', '--experiment', 'iris-kn')
    expect(listed).toMatchObject({ code: 0, stdout: '' })
    expect(listed.stderr).toContain('did you mean "iris-knn"?')
    expect(await folder.json('runs', 'list', '--experiment', 'iris-kn')).toEqual([])
  })

  it('lists sweeps and trials', async () => {
    const [sweep] = await folder.json('runs', 'list')
    expect(Object.keys(sweep)).toEqual([
      ...['run', 'experiment', 'name', 'trainer', 'status', 'trials', 'best', 'started', 'seconds'],
    ])
    expect(sweep).toMatchObject({
      run: result.run,
      experiment: 'iris-knn',
      trainer: 'knn-classifier',
      best: { run: result.best.run, trial: result.best.trial, value: result.best.value },
    })
    const trials = await folder.json('runs', 'list', '--sweep', result.run)
    expect(trials.map(({ trial }: Document) => trial)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(Object.keys(trials[0])).toEqual([
      ...['run', 'parent', 'trial', 'status', 'value', 'params', 'metrics', 'seconds', 'error'],
    ])
    const { stdout } = await folder.run('runs', 'list', '--sweep', 'latest')
    expect(stdout.split('\n')[0].split(/ {2,}/)).toEqual([
      ...['trial', 'run', 'status', 'accuracy', 'k', 'scaling', 'time'],
    ])
    expect(stdout.trimEnd().split('\n')).toHaveLength(11)
  })

  it('chooses and orders runs', async () => {
    const all = await folder.json('runs', 'list', '--sweep', 'latest')
    const where = [
      '--where',
      'params.k > 3 and metrics.accuracy >= 0.9',
      '--sort',
      'params.k desc',
      '--limit',
      '3',
    ]
    const chosen = await folder.json('runs', 'list', '--sweep', 'latest', ...where)
    const expected = all
      .filter((run: Document) => run.params.k > 3 && run.metrics.accuracy >= 0.9)
      .sort((a: Document, b: Document) => b.params.k - a.params.k)
      .slice(0, 3)
    expect(expected.length).toBeGreaterThan(0)
    expect(chosen.map((run: Document) => run.params.k)).toEqual(expected.map((run: Document) => run.params.k))
    const misspelt = await folder.run('runs', 'list', '--sweep', 'latest', '--where', 'params.kk > 3')
    expect(misspelt).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('params.k') })
  })

  it('shows a trial and a sweep whole', async () => {
    const trial = await folder.run('runs', 'show', result.best.run.slice(0, 7))
    for (const text of [
      'the best of its sweep',
      'drawn at random',
      'params',
      'history',
      'fold',
      'model.json',
    ]) {
      expect(trial.stdout).toContain(text)
    }
    const sweep = await folder.run('runs', 'show', 'latest')
    for (const text of [
      'maximize accuracy',
      '1 to 30, log scale',
      'search.seed',
      'espalier ',
      result.best.run,
    ]) {
      expect(sweep.stdout).toContain(text)
    }
    expect(await folder.json('runs', 'show', result.run)).toMatchObject({ id: result.run, name: 'iris-knn' })
  })

  it('compares runs side by side, differences marked', async () => {
    const [a, b] = await folder.json('runs', 'list', '--sweep', 'latest')
    const { stdout } = await folder.run('runs', 'compare', a.run, b.run)
    expect(stdout).toMatch(/^\* {2}params\.k /m)
    expect(stdout).toMatch(/^ {3}experiment /m)
    const { runs, fields } = await folder.json('runs', 'compare', a.run, b.run)
    expect(runs).toEqual([a.run, b.run])
    expect(fields.find(({ field }: Document) => field === 'params.k')).toEqual({
      field: 'params.k',
      values: [a.params.k, b.params.k],
      differs: true,
    })
  })

  it('compares what sweeps were asked to do: trainer, data, validation, space', async () => {
    const other = JSON.parse(
      (await folder.run('sweep', iris, '--json', '--trials', '2', '--folds', '4', '--experiment', 'four'))
        .stdout,
    )
    const compared = async (a: string, b: string) => {
      const { fields } = await folder.json('runs', 'compare', a, b)
      return Object.fromEntries(fields.map((row: Document) => [row.field, row]))
    }
    for (const fields of [
      await compared(result.run, other.run),
      await compared(result.best.run, other.best.run),
    ]) {
      expect(fields.trainer).toMatchObject({ values: ['knn-classifier', 'knn-classifier'], differs: false })
      expect(fields['data.digest'].differs).toBe(false)
      expect(fields['validation.folds']).toMatchObject({ values: [3, 4], differs: true })
      expect(fields['space.scaling'].values[0]).toEqual({ type: 'categorical', values: ['none', 'standard'] })
    }
    await folder.run('runs', 'delete', other.run, '--yes')
  })

  it('takes `best` for a run as predict does, and says among how many it was chosen', async () => {
    expect((await folder.json('runs', 'show', 'best')).id).toBe(result.best.run)
    expect((await folder.run('best')).stdout).toContain('10 trials (10 finished)')
    expect((await folder.run('runs', 'list')).stdout).toContain('knn-classifier')
    expect((await folder.run('runs', 'compare', 'best', result.best.run)).code).toBe(0)
    const [session] = (await folder.json('runs', 'show', result.run)).sessions
    expect(session.conditions).toMatchObject({ user: userInfo().username, host: hostname() })
  })

  it('runs the only sweep file of a folder without being told its name', async () => {
    const lonely = makeFolder()
    for (const [name, content] of [
      ['only.json', JSON.stringify({ trainer: join(fixtures, 'parabola.mjs'), parameters: { x } })],
      ['package.json', '{"name": "not-a-sweep"}'],
      ['broken.json', '{'],
    ])
      writeFileSync(join(lonely.path, name), content)
    const ended = await lonely.run('sweep', '--trials', '2', '--json', '--quiet')
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('only.json') })
    expect(JSON.parse(ended.stdout).experiment.name).toBe('only')
    lonely.remove()
  })

  it('exports flat rows', async () => {
    const csv = (await folder.run('runs', 'export')).stdout.trimEnd().split('\r\n')
    expect(csv).toHaveLength(11)
    expect(csv[0]).toContain('params.k')
    const saved = await folder.run('runs', 'export', '--out', 'trials.json', '--where', 'params.k > 3')
    expect(saved).toMatchObject({ code: 0, stdout: '' })
    for (const row of JSON.parse(readFileSync(join(folder.path, 'trials.json'), 'utf8'))) {
      expect(row['params.k']).toBeGreaterThan(3)
    }
  })

  it('predicts: the same table with the answers', async () => {
    const rows = readFileSync(join(data, 'iris.csv'), 'utf8').trimEnd().split('\n')
    const { stdout } = await folder.run(
      'predict',
      'best',
      '--data',
      join(data, 'iris.csv'),
      '--probabilities',
    )
    const [header, ...answers] = stdout.trimEnd().split('\n')
    expect(header).toBe(
      `${rows[0]},prediction,probability_setosa,probability_versicolor,probability_virginica`,
    )
    expect(answers).toHaveLength(rows.length - 1)
    const right = answers.filter((line) => line.split(',')[4] === line.split(',')[5]).length
    expect(right / answers.length).toBeGreaterThan(0.9)
    const { run, predictions } = await folder.json('predict', result.run, '--data', join(data, 'iris.csv'))
    expect(run).toBe(result.best.run)
    expect(predictions).toEqual(answers.map((line) => line.split(',')[5]))
    const flower = { sepal_length_cm: 5.1, sepal_width_cm: 3.5, petal_length_cm: 1.4, petal_width_cm: null }
    writeFileSync(join(folder.path, 'one.jsonl'), `${JSON.stringify(flower)}\n`)
    const numbered = await folder.run('predict', result.run, '--data', 'one.jsonl')
    expect(numbered.stdout).toBe('row,prediction\n0,setosa\n')
    writeFileSync(join(folder.path, 'narrow.csv'), 'sepal_length_cm,sepal_width_cm\n5,3\n')
    const narrow = await folder.run('predict', result.best.run, '--data', 'narrow.csv')
    expect(narrow).toMatchObject({ code: 2, stdout: '' })
    expect(narrow.stderr).toContain('petal_length_cm')
  })

  it('reproduces the best trial', async () => {
    const { code, stdout } = await folder.run('reproduce', result.best.run)
    expect(stdout).toContain('equal')
    expect(code).toBe(0)
  })

  it('labels and deletes, and not without being told', async () => {
    const worst = (await folder.json('runs', 'list', '--sweep', 'latest', '--sort', 'value'))[0].run
    await folder.run('runs', 'tag', worst, 'stage=draft', 'owner=me')
    await folder.run('runs', 'tag', worst, 'owner=')
    for (const text of ['seen=\u001b[2J\u202ered', '\u001b[2J\u202ered']) {
      const { stdout, stderr } = await folder.run('runs', 'tag', worst, text)
      expect(stdout + stderr).toContain('red')
      for (const hidden of ['\u001b', '\u202e']) expect(stdout + stderr).not.toContain(hidden)
    }
    await folder.run('runs', 'note', worst, 'the worst')
    const shown = (await folder.run('runs', 'show', worst)).stdout
    expect(shown).toMatch(/stage +draft/)
    expect(shown).not.toContain('owner')
    expect(shown).toContain('the worst')
    const unasked = await folder.run('runs', 'delete', worst)
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect((await folder.run('runs', 'delete', worst, '--yes')).code).toBe(0)
    expect(await folder.json('runs', 'list', '--sweep', 'latest')).toHaveLength(9)
    expect((await folder.run('runs', 'show', worst)).code).toBe(2)
    expect((await folder.run('runs', 'show', 'latest')).stdout).toMatch(
      new RegExp(`^deleted +trial \\d+ by ${userInfo().username} on ${hostname()}, \\d{4}-`, 'm'),
    )
  })

  it('is quiet about a reader that has gone', () => {
    const { stdout, stderr, status } = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${main}" runs export | head -n 1`],
      {
        cwd: folder.path,
        encoding: 'utf8',
      },
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.split(',')[0]).toBe('run')
  })
})

it("predicts with a trainer module of one's own, as long as it is the same", async () => {
  copyFileSync(join(fixtures, 'majority.mjs'), join(folder.path, 'mine.mjs'))
  const rows = join(data, 'penguins.csv')
  const given = ['--trainer', './mine.mjs', '--data', rows, '--target', 'species', '--trials', '1']
  const file = write('mine.json', { parameters: { unused: 1 } })
  const { best } = await folder.json('sweep', file, '--search', 'random', ...given)
  const { predictions } = await folder.json('predict', best.run, '--data', rows)
  expect(new Set(predictions)).toEqual(new Set(['Adelie']))
  appendFileSync(join(folder.path, 'mine.mjs'), '// changed\n')
  const changed = await folder.run('predict', best.run, '--data', rows)
  expect(changed).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--trust-module') })
  expect((await folder.json('predict', best.run, '--data', rows, '--trust-module')).predictions).toEqual(
    predictions,
  )
})

it('keeps stdout for the result, whatever a module writes', async () => {
  const file = write('chatty.json', { trainer: join(fixtures, 'chatty.mjs'), parameters: { x } })
  const { stdout, stderr } = await folder.run('sweep', file, '--search', 'random', '--trials', '2', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ trials: { finished: 2 } })
  expect(stderr).toContain('imported')
})
