/** The text of an exported model: the same for the same model, with what it needs and no more, its numbers exact. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { csvText } from '../../../src/csv-cell.js'
import { exportModelFile } from '../../../src/exchange/index.js'
import { double, doubles, singles, text, wholes } from '../../../src/exchange/python/expressions.js'
import { loadModel } from '../../../src/training/index.js'
import { temporaryFolder } from '../../temporary.js'
import { fitted, python, randomData, randomRows } from './support.js'

const shape = { rows: 60, seed: 4, target: 'classes', classes: 3 } as const

async function sourceOf(json: Awaited<ReturnType<typeof fitted>>): Promise<string> {
  const { files, isFolder } = await exportModelFile(json, 'python')
  expect([isFolder, ...files.keys()]).toEqual([false, 'model.py'])
  return files.get('model.py') as string
}

/** Numbers of `_array(code, "…")`. */
function unpacked(written: string): number[] {
  const [, code, bytes] = /^_array\(\s*"(\w)",\s*"([^"]*)",?\s*\)$/.exec(written)!
  const found = Buffer.from(bytes, 'base64')
  const [size, read] = {
    d: [8, (at: number) => found.readDoubleLE(at)],
    f: [4, (at: number) => found.readFloatLE(at)],
    b: [1, (at: number) => found.readInt8(at)],
    h: [2, (at: number) => found.readInt16LE(at)],
    i: [4, (at: number) => found.readInt32LE(at)],
    I: [4, (at: number) => found.readUInt32LE(at)],
  }[code]! as [number, (at: number) => number]
  return Array.from({ length: found.length / size }, (_, i) => read(size * i))
}

describe('the Python of a model', () => {
  it('is the same text for the same model', async () => {
    const json = await fitted('forest-classifier', randomData(shape), { trees: 3 })
    expect(await sourceOf(json)).toBe(await sourceOf(JSON.parse(JSON.stringify(json))))
  })

  it('has the parts that the model needs, and no more', async () => {
    const linear = await sourceOf(
      await fitted('linear-regressor', randomData({ ...shape, target: 'numbers', isPlain: true }), {}),
    )
    for (const absent of [
      'def _exp',
      'def _log',
      'def _walker',
      'datetime',
      '_truth_cell',
      'predict_proba(',
      '_hashed',
    ])
      expect(linear).not.toContain(absent)
    const forest = await sourceOf(await fitted('forest-classifier', randomData(shape), { trees: 3 }))
    for (const there of ['def _walker', 'def _date_cell', 'def _truth_cell', 'def predict_proba('])
      expect(forest).toContain(there)
    for (const absent of ['def _exp', 'def _network', 'def _linear']) expect(forest).not.toContain(absent)
    // Imports that nothing uses would be parts that nobody needs.
    for (const source of [linear, forest])
      for (const [, name] of source.matchAll(/^import (\w+)$/gm))
        expect(source, name).toMatch(new RegExp(`\\b${name}\\.`))
  })

  it('imports nothing but the standard library, and is ASCII', async () => {
    const source = await sourceOf(await fitted('svm-classifier', randomData(shape), { probabilities: true }))
    expect(Array.from(source.matchAll(/^import ([\w.]+)$/gm), ([, name]) => name)).toEqual([
      ...[
        'argparse',
        'array',
        'base64',
        'collections.abc',
        'csv',
        'datetime',
        'io',
        'json',
        'math',
        're',
        'sys',
      ],
    ])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: line ends are among them.
    expect(source).toMatch(/^[\x00-\x7f]*$/)
  })

  it('holds its numbers exactly', () => {
    const many = [0.1, -0, 5e-324, 1.7976931348623157e308, Number.NaN, Infinity, 1 / 3, -7, 1e21, 2]
    expect(unpacked(doubles(many).text)).toEqual(many)
    expect(doubles([0.1, 5, -0, 1e21]).text).toBe('[0.1, 5.0, -0.0, 1e+21]')
    expect([double(1e-7), double(-3)].map((one) => one.text)).toEqual(['1e-7', '-3.0'])
    expect(unpacked(singles([0.1, 1e38]).text)).toEqual([0.1, 1e38].map(Math.fround))
    const long = (most: number, least = 0) => [least, most, 0, 1, 2, 3, 4, 5, 6]
    for (const [code, values] of [
      ['b', long(127, -128)],
      ['h', long(128)],
      ['h', long(32_767, -32_768)],
      ['I', long(32_768)],
      ['I', long(4_294_967_295)],
      ['i', long(40_000, -1)],
    ] as const) {
      expect(wholes(values).text).toMatch(new RegExp(`^_array\\(\\s*"${code}"`))
      expect(unpacked(wholes(values).text)).toEqual(values)
    }
    expect(text('a"\\\n\u00e9\ud83d\ude00\ud800').text).toBe('"a\\"\\\\\\u000a\\u00e9\\U0001f600\\ud800"')
  })

  it('says what is computed otherwise, and only then', async () => {
    const polynomial = (params: object) =>
      fitted('svm-classifier', randomData(shape), { kernel: 'polynomial', engine: 'libsvm', ...params })
    const warnings = async (json: Awaited<ReturnType<typeof fitted>>) =>
      (await exportModelFile(json, 'python')).warnings.length
    expect(await warnings(await polynomial({ degree: 3 }))).toBe(1)
    expect(await warnings(await polynomial({ degree: 2 }))).toBe(0)
    expect(await warnings(await polynomial({ degree: 3, engine: 'native' }))).toBe(0)
  })
})

describe.skipIf(python === null)(
  'the Python of a model as a script (skipped: no Python 3.8 or later is on the PATH)',
  () => {
    async function place(name = 'softmax-classifier', params = {}, notation = {}) {
      const made = await fitted(name, randomData(shape), params)
      const json = { ...made, signature: { ...(made.signature as object), ...notation } } as typeof made
      const directory = temporaryFolder()
      writeFileSync(join(directory, 'model.py'), await sourceOf(json))
      const model = await loadModel(json)
      const run = (args: readonly string[], input = '') => {
        const { status, stdout, stderr } = spawnSync(python!, ['-W', 'error', 'model.py', ...args], {
          cwd: directory,
          input,
          encoding: 'utf8',
        })
        return { status, stdout, stderr }
      }
      const write = (file: string, content: string) => writeFileSync(join(directory, file), content)
      return { model, run, write }
    }

    const rows = randomRows({ ...shape, rows: 20, seed: 5 }).map(
      // A CSV has no line ends, blanks and nothings that are told apart.
      (row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, cell]) => [name, cell === null ? '' : String(cell)]),
        ),
    )
    const names = Object.keys(rows[0])
    const csv = csvText([names, ...rows.map((row) => names.map((name) => row[name]))])

    it('takes numbers of a file in one notation: as the model was trained, or plain ones', async () => {
      const { run } = await place('softmax-classifier', {}, { decimal: ',' })
      const number = names.find((name) => rows.some((row) => /^-?\d+\.\d/.test(row[name])))!
      const file = (...cells: string[]) =>
        csvText([names, ...cells.map((cell) => names.map((name) => (name === number ? cell : '')))])
      const [plain, own] = [run([], file('1.5', '2.25')), run([], file('1,5', '2,25'))]
      expect([plain.status, own.status]).toEqual([0, 0])
      expect(own.stdout).toBe(plain.stdout)
      // It may mean a thousand and five.
      const both = run([], file('1,5', '1.005'))
      expect([both.status, both.stdout]).toEqual([2, ''])
      expect(both.stderr).toContain('"1.005" is none')
    })

    it('predicts for CSV and JSON, of files and standard input', async () => {
      const { model, run, write } = await place()
      const classes = model.signature.classes!
      const probabilities = model.predictProbability!(rows)
      const predictions = model.predict(rows)
      const short = csvText([['prediction'], ...predictions.map((one) => [one])])
      const long = csvText([
        ['prediction', ...classes.map((name) => `probability_${name}`)],
        ...predictions.map((one, i) => [one, ...classes.map((name) => probabilities[i][name])]),
      ])
      write('data.csv', csv)
      write('data.json', JSON.stringify(rows))
      const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('\n')
      const semicolons = csvText([names, ...rows.map((row) => names.map((name) => row[name]))])
      expect(run(['data.csv'])).toEqual({ status: 0, stdout: short, stderr: '' })
      expect(run(['data.csv', '--probabilities'])).toEqual({ status: 0, stdout: long, stderr: '' })
      expect(run(['data.json', '--probabilities']).stdout).toBe(long)
      expect(run([], lines).stdout).toBe(short)
      expect(run(['-'], `\ufeff${semicolons}`).stdout).toBe(short)
      const other = [names, ...rows.map((row) => names.map((name) => row[name]))]
      const quoted = other
        .map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';'))
        .join('\r\n')
      expect(run([], quoted)).toEqual({ status: 0, stdout: short, stderr: '' })
      expect(run(['--separator', ';'], quoted).stdout).toBe(short)
    })

    it('takes a first line sep=; and lines that end with a separator, as predict does', async () => {
      const { model, run } = await place()
      const short = csvText([['prediction'], ...model.predict(rows).map((one) => [one])])
      const lines = [names, ...rows.map((row) => names.map((name) => row[name]))].map((cells) =>
        cells.map((cell) => `"${cell.replaceAll('"', '""')}"`),
      )
      const joined = (mark: string, end = '', headerEnd = end) =>
        lines.map((cells, i) => `${cells.join(mark)}${i === 0 ? headerEnd : end}\r\n`).join('')
      for (const [file, ...args] of [
        [`sep=;\r\n${joined(';')}`],
        [`\ufeff"SEP=!"\r\n${joined('!')}`],
        [`sep=;\n${joined('|')}`, '--separator', '|'],
        [joined(',', ',')],
        [joined(';', ';;')],
        [joined('\t', '\t', '')],
        [`sep=;\n${joined(';', ';')}`],
        [`\n\n${joined(';')}`],
      ])
        expect(run(args, file), file.slice(0, 40)).toEqual({ status: 0, stdout: short, stderr: '' })
      const broken = `sep=;\n${joined(';', ';')}`.replace(/;\r\n$/, ';7\r\n')
      expect(run([], broken)).toEqual({
        status: 2,
        stdout: '',
        stderr: `-: line ${broken.split('\n').length - 1}: a cell has a name in the header, and cell ${names.length + 1} has none\n`,
      })
      // Two names are empty in the middle: that is no end of a line.
      expect(run([], 'a,,,b\n1,,,2\n').stderr).toMatch(/names each column once \("" is there twice\)/)
    })

    it('tells of columns that it does not use, and refuses what does not fit', async () => {
      const { run, write } = await place('svm-classifier')
      const [row] = rows
      expect(run([], JSON.stringify([{ ...row, other: 1, y: 'class 0' }])).stderr).toBe(
        'warning: the model does not use "other"\n',
      )
      const refused = (input: string, args: readonly string[] = []) => {
        const { status, stdout, stderr } = run(args, input)
        expect([status, stdout]).toEqual([2, ''])
        return stderr
      }
      // Python reads this as an infinity.
      expect(refused(JSON.stringify([row, { ...row, a: 7 }]).replace('"a":7', '"a":-1e999'))).toBe(
        '-: row 1, column "a": numbers are finite, and -Infinity is not; mend it, or give None where there is no value\n',
      )
      write('bad.csv', `${csv.split('\n')[0]}\nx,1,2,beta,no,yes,2024-01-01\n`)
      expect(refused('', ['bad.csv'])).toBe(
        'bad.csv: line 2, column "a": this column holds numbers, and "x" is none\n',
      )
      expect(refused(`${csv.split('\n')[0].replace('c,', 'd,')}\n1,2,3,x,y,1,2024-01-01\n`)).toBe(
        '-: the rows: the model was fitted on the column "c", and it is missing\n',
      )
      expect(refused(`${csv.split('\n')[0]}\n1,2\n`)).toMatch(
        /^-: line 2: a line has as many cells as the header, 7/,
      )
      expect(refused('a,a\n1,2\n')).toMatch(/names each column once \("a" is there twice\)/)
      expect(refused('{"a": 1}\n{"a": \n')).toMatch(/^-: line 2: one JSON object a line/)
      expect(refused('')).toMatch(/begins with a header/)
      expect(refused('', ['nowhere.csv'])).toMatch(/nowhere\.csv/)
      expect(refused(csv, ['--probabilities'])).toMatch(
        /this model has no probabilities; leave out --probabilities/,
      )
    })
  },
)
