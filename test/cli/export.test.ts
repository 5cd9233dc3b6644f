/** `espalier export`: which run is meant, where it is written to, what is refused. What is in the files is for test/exchange to say. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/index.js'
import { type Document, data, type Folder, foldersOfFile } from './run.js'

const folder = foldersOfFile()

describe('espalier export', () => {
  let place: Folder
  let sweep: Document
  let best: Document
  beforeAll(async () => {
    place = folder()
    place.write('iris.json', {
      trainer: 'cart-classifier',
      data: { file: join(data, 'iris.csv'), target: 'species' },
      validation: { folds: 3 },
      search: { algorithm: 'random', trials: 4, seed: 2 },
      parameters: { maxDepth: { type: 'int', min: 1, max: 5 } },
    })
    expect((await place.run('sweep', 'iris.json', '--ensemble', '2')).code).toBe(0)
    ;[sweep] = await place.json('runs', 'list')
    best = await place.json('best')
  })

  it('writes the model of the best trial, by whichever name it is called', async () => {
    const names = [best.run, sweep.run, 'best', 'latest']
    for (const [i, name] of names.entries()) {
      const { code, stdout } = await place.run('export', name, '--format', 'onnx', '--out', `${i}.onnx`)
      expect(code).toBe(0)
      expect(stdout).toMatch(
        new RegExp(`^the model of run ${best.run} \\(trial ${best.trial}\\) written to ${i}\\.onnx \\(`),
      )
      expect(readFileSync(join(place.path, `${i}.onnx`))).toEqual(readFileSync(join(place.path, '0.onnx')))
    }
  })

  it('writes the ensemble of a sweep', async () => {
    const { code, stdout } = await place.run('export', 'best', '--ensemble', '--format', 'json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).trainer).toEqual({ kind: 'ensemble' })
  })

  it('takes json for the model of a trial, and for all trials of a sweep', async () => {
    const model = JSON.parse((await place.run('export', best.run, '--format', 'json')).stdout)
    expect(model).toMatchObject({ format: 'espalier-model', trainer: { name: 'cart-classifier' } })
    const trials = JSON.parse((await place.run('export', sweep.run, '--format', 'json')).stdout)
    expect(trials.trials).toHaveLength(4)
  })

  it('writes one text to stdout, and nothing else', async () => {
    const python = await place.run('export', 'best', '--format', 'python')
    expect(python.stdout).toMatch(/^"""Predicts "species": a cart-classifier/)
    const rows = (await place.run('export', 'latest', '--format', 'csv')).stdout.trimEnd().split('\n')
    expect(rows).toHaveLength(5)
    const journal = (await place.run('export', 'latest', '--format', 'optuna')).stdout.trimEnd().split('\n')
    for (const line of journal) expect(JSON.parse(line)).toHaveProperty('op_code')
  })

  it('writes a folder, and none over what is there unless forced', async () => {
    const ask = (...more: string[]) =>
      place.run('export', 'best', '--format', 'mlflow', '--out', 'served', ...more)
    expect((await ask()).code).toBe(0)
    expect(existsSync(join(place.path, 'served', 'MLmodel'))).toBe(true)
    const again = await ask()
    expect(again.code).toBe(2)
    expect(again.stderr).toMatch(
      /a folder that holds something is not written over \(.*served has \d+ entries\); .*--force/,
    )
    expect((await ask('--force')).code).toBe(0)
    mkdirSync(join(place.path, 'empty'))
    expect((await place.run('export', 'best', '--format', 'mlflow', '--out', 'empty')).code).toBe(0)
    writeFileSync(join(place.path, 'file'), '')
    const onto = await place.run('export', 'best', '--format', 'mlflow', '--out', 'file')
    expect(onto.code).toBe(2)
    expect(onto.stderr).toMatch(/file is no folder; name another with --out/)
  })

  it('writes over no file unless forced', async () => {
    writeFileSync(join(place.path, 'mine.py'), 'mine')
    const ask = (...more: string[]) =>
      place.run('export', 'best', '--format', 'python', '--out', 'mine.py', ...more)
    expect((await ask()).code).toBe(2)
    expect(readFileSync(join(place.path, 'mine.py'), 'utf8')).toBe('mine')
    expect((await ask('--force')).code).toBe(0)
    expect(readFileSync(join(place.path, 'mine.py'), 'utf8')).toMatch(/^"""Predicts/)
  })

  it.each([
    [['best', '--format', 'csv'], /is of all trials of a sweep, and [0-9a-f]{16} is a trial; its sweep is/],
    [['latest', '--format', 'csv', '--ensemble'], /--ensemble means a model, and --format csv is of trials/],
    [['best', '--format', 'python', '--opset', '18'], /--opset belongs to --format onnx \(got python\)/],
    [['best', '--format', 'onnx'], /the format onnx is written to a file, and none is named; add --out FILE/],
    [['latest', '--format', 'parquet'], /the format parquet is written to a file, and none is named/],
    [['best', '--format', 'mlflow'], /is written to a folder, and none is named; add --out FOLDER/],
    [['best', '--format', 'pickle', '--out', 'x'], /onnx, mlflow, python, json, optuna, csv, parquet/],
    [['best', '--out', 'x'], /--format <format>' not specified/],
    [['best', '--format', 'onnx', '--opset', '3', '--out', 'x'], /opset .*\(got 3\)/],
    [['best', '--format', 'onnx', '--out', 'none/x'], /there is no directory .*none; make it first/],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await place.run('export', ...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })

  it('gives the same files in the library', async () => {
    const { exportModel } = await import('../../src/index.js')
    const store = await openStore(join(place.path, 'espalier-runs'))
    const { files, isFolder } = await exportModel(await store.bestRun(), 'onnx')
    expect(isFolder).toBe(false)
    expect(Buffer.from([...files.values()][0] as Uint8Array)).toEqual(
      readFileSync(join(place.path, '0.onnx')),
    )
    const { json } = await store.readModel(best.run)
    const { exportModelFile } = await import('../../src/index.js')
    expect((await exportModelFile(json, 'onnx')).files).toEqual(files)
  })
})
