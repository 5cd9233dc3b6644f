/** `espalier import wandb|nni|ray` as it is typed: where the file goes, what is told, and what is refused. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { foldersOfFile } from '../../cli/run.js'
import { fixture } from './support.js'

const newFolder = foldersOfFile()

describe('espalier import', () => {
  it('writes a sweep file that is right, from its own folder, and writes over none', async () => {
    const folder = newFolder()
    mkdirSync(join(folder.path, 'sweeps'))
    writeFileSync(join(folder.path, 'train.js'), '')
    writeFileSync(
      join(folder.path, 'sweep.yaml'),
      `program: train.js\nmethod: grid\nmetric: { name: loss }\nentity: me\nparameters: { x: { values: [1, 2] } }\n`,
    )
    const args = [
      'import',
      'wandb',
      'sweep.yaml',
      '--out',
      'sweeps/it.json',
      '--interpreter',
      process.execPath,
    ]
    const first = await folder.run(...args)
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toBe('')
    expect(first.stderr).toContain('warning: entity: there are no accounts here; it is left out')
    expect(first.stderr).toContain('next: espalier sweep sweeps/it.json')
    const written = readFileSync(join(folder.path, 'sweeps/it.json'), 'utf8')
    // The script is found from there.
    expect(JSON.parse(written).trainer.directory).toBe('..')
    expect((await folder.run('space', 'check', 'sweeps/it.json')).code).toBe(0)

    const again = await folder.run(...args)
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('is not written over')
    expect((await folder.run(...args, '--force')).code).toBe(0)
    expect((await folder.run('import', 'wandb', 'sweep.yaml', '--out', 'it.yaml')).stderr).toContain(
      'name it .json',
    )
  })

  it('prints it alone, or as one document with the warnings', async () => {
    const folder = newFolder()
    const plain = await folder.run('import', 'ray', fixture('ray-space.json'))
    expect(plain.code).toBe(0)
    const document = await folder.json('import', 'ray', fixture('ray-space.json'))
    expect(Object.keys(document)).toEqual(['sweep', 'warnings'])
    expect(JSON.parse(plain.stdout)).toEqual(document.sweep)
    expect(plain.stderr.match(/^warning: /gm)).toHaveLength(document.warnings.length)
  })

  it('refuses a wrong file with every mistake and its place, and writes nothing', async () => {
    const folder = newFolder()
    writeFileSync(
      join(folder.path, 'space.json'),
      '{"a": {"_type": "randint", "_value": [3, 3]}, "b": {"_type": "x", "_value": []}}',
    )
    const { code, stderr } = await folder.run('import', 'nni', 'space.json', '--out', 'it.json')
    expect(code).toBe(2)
    expect(stderr).toContain('a: the top of randint')
    expect(stderr).toContain('b._type: "_type" must be one of NNI')
    expect(() => readFileSync(join(folder.path, 'it.json'))).toThrow('ENOENT')
  })
})
