/** Data files as they come, shown. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { foldersOfFile } from './run.js'

const folder = foldersOfFile()

describe('data show', () => {
  it('says how a file is written, what its columns are, and what to look at', async () => {
    const { path, run, json } = folder()
    const rows = Array.from({ length: 50 }, (_, i) => `${i};${i % 2 ? 'A' : 'B'};${i % 2};7;0,${i}`)
    writeFileSync(join(path, 'd.csv'), `id;code;y;same;x\n${rows.join('\n')}\n`)
    const { code, stdout, stderr } = await run('data', 'show', 'd.csv', '--target', 'y')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('d.csv: 50 rows, 5 columns')
    expect(stdout).toContain('cells are separated by semicolons')
    expect(stdout).toContain('numbers are written with a decimal comma (by "0,0" in line 2, column "x")')
    expect(stdout).toMatch(/^code +text +2 +B, A +line 2 \("B"\) is no number$/m)
    expect(stdout).toContain('2 classes, for classification')
    expect(stdout).toContain('column "id" names rows')
    expect(stdout).toContain('column "same" has the same value in every row')
    expect(stdout).toContain('column "code" is the target "y" under another name')
    const document = await json('data', 'show', 'd.csv', '--target', 'y', '--type', 'code=text')
    expect(document).toMatchObject({ rows: 50, duplicates: 0, leaks: [{ column: 'code', kind: 'renamed' }] })
    expect(document.columns.map(({ kind }: { kind: string }) => kind)).toEqual([
      'number',
      'text',
      'number',
      'number',
      'number',
    ])
  })

  it('refuses what cannot be, with the remedy', async () => {
    const { path, run } = folder()
    writeFileSync(join(path, 'd.csv'), 'd;x;y\n1.2.24;1,005;0\n')
    const asked = await run('data', 'show', 'd.csv')
    expect([asked.code, asked.stderr]).toEqual([
      2,
      expect.stringContaining('say "decimal": "," or "thousands": ","'),
    ])
    expect((await run('data', 'show', 'd.csv', '--date-format', 'DD.MM')).stderr).toContain('lacks the year')
    expect((await run('data', 'show', 'd.csv', '--type', 'x=colour')).stderr).toContain('COLUMN=KIND')
    const read = await run('data', 'show', 'd.csv', '--decimal', ',', '--date-format', 'D.M.YY')
    expect(read.stdout).toMatch(/^d +date .*2024-02-01/m)
  })
})

describe('from a file as it comes to a model', () => {
  it('goes by init, sweep and predict: blanks, no header, units, a line to skip', async () => {
    const { path, run, json } = folder()
    const lines = Array.from(
      { length: 60 },
      (_, i) => ` ${i * 1.5}%   ${(i * 7) % 11}    ${i < 30 ? 'low' : 'high'}`,
    )
    writeFileSync(join(path, 'd.data'), ['made by a machine', ...lines, ''].join('\n'))
    const layout = ['--skip-lines', '1', '--no-header']
    const drafted = await run('init', 'd.data', ...layout, '--target', 'column 3')
    expect([drafted.code, drafted.stderr]).toEqual([0, expect.stringContaining('read and change')])
    expect(drafted.stdout).toContain('cells are separated by blanks')
    expect(drafted.stdout).toContain(
      'Written into the file, so that numbers and dates are read as such: "units": ["%"]',
    )
    const { best } = await json('sweep', 'd.jsonc', '--trials', '2', '--workers', '1', '--quiet')
    expect(best.value).toBeGreaterThan(0.9)
    const predicted = await run('predict', 'best', '--data', 'd.data', ...layout)
    const table = predicted.stdout.trimEnd().split('\n')
    expect(table).toHaveLength(61)
    expect(table.slice(0, 2)).toEqual(['column 1,column 2,column 3,prediction', '0%,0,low,low'])
    const without = await run('predict', 'best', '--data', 'd.data', '--skip-lines', '1')
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('say --no-header')])
    writeFileSync(join(path, 'n.data'), '3 1\n60 5\n')
    const unnamed = await run('predict', 'best', '--data', 'n.data', '--header', 'column 1,column 2')
    expect(unnamed.stdout).toBe('column 1,column 2,prediction\n3,1,low\n60,5,high\n')
    const wrong = await run('predict', 'best', '--data', 'd.data', '--skip-lines', 'x')
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('numbers of lines from 1 on')])
  })

  it('calls the answers otherwise where the data has a target of their name', async () => {
    const { path, run, json } = folder()
    const rows = Array.from({ length: 30 }, (_, i) => `${i},${i < 15 ? 'low' : 'high'}`)
    writeFileSync(join(path, 'd.csv'), ['x,prediction', ...rows, ''].join('\n'))
    writeFileSync(
      join(path, 's.json'),
      JSON.stringify({
        ...{ trainer: 'cart-classifier', data: { file: 'd.csv', target: 'prediction' } },
        parameters: { maxDepth: { type: 'int', min: 1, max: 3 } },
      }),
    )
    await json('sweep', 's.json', '--trials', '2', '--workers', '1', '--quiet')
    const beside = await run('predict', 'best', '--data', 'd.csv')
    expect(beside.stdout.split('\n').slice(0, 2)).toEqual(['x,prediction,predicted', '0,low,low'])
    expect([beside.code, beside.stderr]).toEqual([
      0,
      'the answers are in the column "predicted": "prediction" is what the data has of what is predicted\n',
    ])
    writeFileSync(join(path, 'new.csv'), 'x\n0\n')
    expect((await run('predict', 'best', '--data', 'new.csv')).stdout).toBe('x,prediction\n0,low\n')
    writeFileSync(join(path, 'both.csv'), 'x,prediction,predicted\n0,low,low\n')
    const both = await run('predict', 'best', '--data', 'both.csv')
    expect([both.code, both.stderr]).toEqual([
      2,
      expect.stringContaining('a column "predicted", and the data has one already; rename it, or use --json'),
    ])
  })

  it('takes a format of dates for each column', async () => {
    const { path, run, json } = folder()
    writeFileSync(join(path, 'd.csv'), 'start,end,y\n31.01.2024,1/31/2024,0\n01.02.2024,2/1/2024,1\n')
    const formats = ['--date-format', 'start=DD.MM.YYYY', '--date-format', 'end=M/D/YYYY']
    const { columns } = await json('data', 'show', 'd.csv', ...formats)
    expect(columns.map(({ kind }: { kind: string }) => kind)).toEqual(['date', 'date', 'number'])
    const mixed = await run('data', 'show', 'd.csv', '--date-format', 'DD.MM.YYYY', ...formats)
    expect([mixed.code, mixed.stderr]).toEqual([2, expect.stringContaining('COLUMN=FORMAT for each column')])
  })
})
