/** Data files as they come: swept, predicted from, made again. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { foldersOfFile } from '../cli/run.js'

const folder = foldersOfFile()

/** 60 rows of two classes in the dialect of a German spreadsheet: Windows-1252, semicolons, decimal commas, an empty target. */
const german = (rows = 60) => {
  const cells = Array.from({ length: rows }, (_, i) => {
    const label = i % 2 ? 'ja' : 'nein'
    return `${(i % 2) * 4},${i % 10};${i % 3 ? 'Köln' : 'Bonn'};${i === 9 ? '' : label}`
  })
  return Buffer.from(`größe;ort;y\n${cells.join('\n')}\n`, 'latin1')
}

it('a file as it comes is swept over, told of, resumed, made again, and its model predicts from any file', async () => {
  const { path, run, json, write } = folder()
  writeFileSync(join(path, 'german.csv'), german())
  writeFileSync(join(path, 'more.csv'), german(20))
  write('s.json', {
    trainer: 'cart-classifier',
    data: { file: ['german.csv', 'more.csv'], target: 'y', dropRows: 'missing-target' },
    search: { trials: 2, parallel: 1 },
    validation: { folds: 2 },
    parameters: { maxDepth: { type: 'int', min: 1, max: 3 } },
  })
  const swept = await run('sweep', 's.json', '--quiet')
  expect(swept.code).toBe(0)
  expect(swept.stdout).toContain('german.csv: read as Windows-1252')
  expect(swept.stdout).toContain('more.csv: numbers are written with a decimal comma')
  expect(swept.stdout).toContain('2 rows are left out, without a value of the target "y"')
  const id = /sweep ([0-9a-f]{16})/.exec(swept.stdout)![1]
  expect((await json('reproduce', id)).equal).toBe(true)
  const resumed = await run(
    'resume',
    id,
    '--trials',
    '3',
    '--quiet',
    '--data',
    'german.csv',
    '--data',
    'more.csv',
  )
  expect([resumed.code, resumed.stderr]).toEqual([0, ''])

  writeFileSync(join(path, 'plain.csv'), 'größe,ort\n0.5,Köln\n4.5,Köln\n')
  writeFileSync(join(path, 'same.csv'), Buffer.from('größe;ort\n0,5;Köln\n4,5;Köln\n', 'latin1'))
  const plain = await run('predict', id, '--data', 'plain.csv')
  const same = await run('predict', id, '--data', 'same.csv')
  expect(plain.stdout).toBe('größe,ort,prediction\n0.5,Köln,nein\n4.5,Köln,ja\n')
  expect(same.stdout).toBe('größe,ort,prediction\n"0,5",Köln,nein\n"4,5",Köln,ja\n')
  expect(same.stderr).toContain('same.csv: read as Windows-1252')
  const stated = ['--separator', 'semicolon', '--decimal', ',', '--encoding', 'windows-1252']
  expect((await run('predict', id, '--data', 'same.csv', ...stated)).stderr).toBe('')
})

it('a sweep is told of a column that gives the target away before it runs, and once', async () => {
  const { path, run, write } = folder()
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 2 ? 'x' : 'z'},${i % 2}`)
  writeFileSync(join(path, 'd.csv'), `a,code,y\n${rows.join('\n')}\n`)
  write('s.json', {
    trainer: 'cart-classifier',
    search: { trials: 1 },
    validation: { folds: 2 },
    parameters: { maxDepth: 2 },
  })
  const swept = await run('sweep', 's.json', '--quiet', '--data', 'd.csv', '--target', 'y')
  const told = 'warning: d.csv: column "code" is the target "y" under another name'
  expect(swept.stderr).toContain(told)
  expect((await run('resume', 'latest', '--trials', '2', '--quiet')).stderr).not.toContain(told)
})
