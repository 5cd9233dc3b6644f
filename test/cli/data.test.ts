/** Data files as they come, shown. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Folder, makeFolder } from './run.js'

const folders: Folder[] = []
const folder = () => {
  const made = makeFolder()
  folders.push(made)
  return made
}
afterAll(() => {
  for (const made of folders) made.remove()
})

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
