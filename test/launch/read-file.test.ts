/** Sweep files as people write them: JSON with comments and trailing commas, YAML, and every mistake with its place. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openStore, resumeSweep, sweep } from '../../src/index.js'
import { checkSweepFile, readSweepFile } from '../../src/launch/index.js'
import { readJsonText, writtenInJson } from '../../src/launch/json-text.js'
import { readJsonFile } from '../../src/launch/read-file.js'
import { readYamlText, writtenInYaml } from '../../src/launch/yaml-text.js'
import { temporaryDirectory } from './support.js'

/** What is told about a file with this text, after its name. */
async function mistake(name: string, text: string): Promise<string> {
  const file = join(await temporaryDirectory(), name)
  writeFileSync(file, text)
  try {
    await readJsonFile(file)
  } catch (error) {
    expect(error).toMatchObject({ code: 'JSON_INVALID' })
    return (error as Error).message.replace(`${file} `, '')
  }
  return 'nothing'
}

describe('JSON', () => {
  it('is read as JSON.parse reads it, with no key twice', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, space) => {
        const text = JSON.stringify(value, null, space)
        expect(readJsonText(text)).toEqual({ value: JSON.parse(text), repeated: [] })
      }),
    )
  })

  it('may have comments, trailing commas and a byte order mark', async () => {
    const text = '\uFEFF// what\n{"a": [1, 2,], /* why\n */ "b": {"c": "// no comment", },}\n// end'
    expect(await mistake('a.json', text)).toBe('nothing')
    expect(readJsonText(text.slice(1)).value).toEqual({ a: [1, 2], b: { c: '// no comment' } })
  })

  it.each([
    [
      '{"a": 1 "b": 2}',
      'must be JSON: a comma, or the end of what is open, is expected (found "b"), at line 1, column 9',
    ],
    [
      "{\n  'a': 1}",
      "must be JSON: a value is a number, true, false, null, or stands in double quotes, brackets or braces (found 'a'), at line 2, column 3",
    ],
    [
      '{"a": NaN}',
      'must be JSON: a value is a number, true, false, null, or stands in double quotes, brackets or braces (found NaN), at line 1, column 7',
    ],
    [
      '{"a": [1, 2}',
      'must be JSON: a comma, or the end of what is open, is expected (found }), at line 1, column 12',
    ],
    ['{"a": [1, 2', 'must be JSON: a closing ] is missing'],
    ['{"a": 1', 'must be JSON: a closing } is missing'],
    [
      '{"a": "x\n"}',
      'must be JSON: a text must be closed with a double quote on its line (found "x), at line 1, column 7',
    ],
    ['', 'must be JSON: a value is expected, at line 1, column 1'],
    ['{} {}', 'must be JSON: nothing may follow the end of the whole'],
    [
      '{"a": 1, "b": {"c": [{"x": 1, "x": 2, "x": 3}]},\n "\\u0061": 1}',
      'the keys of an object must be different (has b.c[0].x again at line 1, column 31, a again at line 2, column 2); rename or remove all but one',
    ],
    [
      '['.repeat(100_000),
      'must be JSON: brackets may stand in one another at most 200 levels deep, at line 1, column 201',
    ],
  ])('%#: a mistake has its place', async (text, law) => {
    expect(await mistake('a.json', text)).toContain(law)
  })

  it('of a text of twenty million characters is read', () => {
    const long = `"${'x'.repeat(20_000_000)}\\`
    expect(readJsonText(JSON.stringify({ long })).value).toEqual({ long })
  })
})

describe('YAML', () => {
  it('reads every JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const text = JSON.stringify(value)
        expect(await readYamlText(text)).toEqual({ value: JSON.parse(text), repeated: [] })
      }),
      { numRuns: 40 },
    )
  })

  it('is YAML 1.2: words, dates and numbers are what they look like', async () => {
    const text =
      'a: no\nb: on\nc: 2026-01-31\nd: 1e-5\ne: 010\nf: 0o17\ng: 0x1F\nh: ~\ni: True\nj: 12:30:00\nk: .5\nl: 1_000\n1: one'
    expect((await readYamlText(text)).value).toEqual({
      ...{ a: 'no', b: 'on', c: '2026-01-31', d: 1e-5, e: 10, f: 15, g: 31, h: null, i: true, j: '12:30:00' },
      ...{ k: 0.5, l: '1_000', 1: 'one' },
    })
  })

  it('has anchors, aliases and merge keys', async () => {
    const text = 'base: &base {type: float, min: 0}\nx: {<<: *base, max: 1}\ny: *base'
    expect((await readYamlText(text)).value).toEqual({
      base: { type: 'float', min: 0 },
      x: { type: 'float', min: 0, max: 1 },
      y: { type: 'float', min: 0 },
    })
  })

  const ten = (name: string) => Array(10).fill(`*${name}`).join(', ')
  it.each([
    [
      'a: 1\nb:\n  c: 1\n  c: 2\n',
      'the keys of an object must be different (has c again at line 4, column 3)',
    ],
    ['a: [1, 2\n', 'must be YAML: Flow sequence'],
    ['a:\n\tb: 1', 'must be YAML: Tabs are not allowed as indentation, at line 2, column 1'],
    [
      'a: !!js/function x',
      'must be YAML: a value has no tag (found tag:yaml.org,2002:js/function), at line 1, column 4',
    ],
    ['a: 1\n--- \nb: 1', 'must be YAML: a file is one document (found a second one), at line'],
    ['? [a]\n: b', 'must be YAML: With stringKeys, all keys must be strings, at line 1, column 3'],
    [
      'a: *b',
      'must be YAML: Unresolved alias (the anchor must be set before the alias): b, at line 1, column 4',
    ],
    [
      `a: &a [1, 2]\nb: &b [${ten('a')}]\nc: &c [${ten('b')}]\nd: &d [${ten('c')}]\ne: &e [${ten('d')}]\nf: [${ten('e')}]`,
      'must be YAML: aliases may stand for at most 10000 nodes in all',
    ],
    [
      '['.repeat(2000),
      'must be YAML: lists and objects may stand in one another at most 200 levels deep, at line 1, column 201',
    ],
    ['- '.repeat(2000), 'must be YAML: lists and objects may stand in one another at most 200 levels deep'],
  ])('%#: a mistake has its place', async (text, law) => {
    expect(await mistake('a.yml', text)).toContain(law)
  })

  it('describes a sweep as JSON does, which resumes and knows its space', async () => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'curve.yaml')
    const store = join(directory, 'runs')
    const text = `
# Two parameters
objective: { metric: loss, direction: minimize }
search: { algorithm: random, trials: 3, seed: 1 }
parameters:
  rate: { type: float, min: 1e-5, max: 1, scale: log }
  layers:
    type: categorical
    values:
      - [64, 32]
      - [128]
`
    writeFileSync(file, text)
    const run = () => ({ loss: 1 })
    const first = await sweep(file, { store, run })
    expect(first).toMatchObject({ experiment: { name: 'curve' }, trials: { finished: 3 } })
    const asJson = join(directory, 'curve.json')
    writeFileSync(asJson, JSON.stringify(await readJsonFile(file)))
    const second = await sweep(asJson, { store, run })
    const opened = await openStore(store)
    const paramsOf = async (id: string) => (await opened.trials(id)).map(({ params }) => params)
    expect(await paramsOf(second.run)).toEqual(await paramsOf(first.run))

    writeFileSync(file, text.replace('[128]', '[256]'))
    await expect(resumeSweep(first.run, { store, run, trials: 4 })).rejects.toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining('curve.yaml has changed'),
    })
  })

  it('is what an example is written in', async () => {
    const { warnings, file } = await checkSweepFile(
      fileURLToPath(new URL('../../search-spaces/iris-knn.yaml', import.meta.url)),
    )
    expect(warnings).toEqual([])
    expect(file.space.size).toBe(40 * 3 * 2)
  })

  it('whose numbers are infinite or none is refused with the rest', async () => {
    const file = join(await temporaryDirectory(), 'a.yaml')
    writeFileSync(
      file,
      'validation: { stratified: no }\nparameters:\n  x: { type: float, min: -.inf, max: .nan }\n',
    )
    await expect(readSweepFile(file)).rejects.toMatchObject({
      problems: [
        { path: 'validation.stratified', message: expect.stringContaining('(got "no"); write false') },
        { path: 'parameters.x.min', message: expect.stringContaining('finite number (got -Infinity)') },
        { path: 'parameters.x.max', message: expect.stringContaining('finite number (got NaN)') },
      ],
    })
  })
})

it('a file that is not there, or a folder, is told of', async () => {
  const directory = await temporaryDirectory()
  await expect(readJsonFile(directory)).rejects.toMatchObject({ code: 'FILE_NOT_READABLE' })
  await expect(readJsonFile(join(directory, 'no.yaml'))).rejects.toMatchObject({ code: 'FILE_NOT_READABLE' })
})

describe('numbers as they are written', () => {
  it('in JSON', () => {
    const written = writtenInJson('{"a": [1, 1.0], "b": {"c": 1e3, "d": "1.0"}} // 2.0')
    expect(Object.fromEntries(written)).toEqual({ '["a",0]': '1', '["a",1]': '1.0', '["b","c"]': '1e3' })
  })

  it('in YAML, with bare words, through aliases and merge keys, what stands in an object first', async () => {
    const text =
      'a: &a {min: 1.0, max: 2.0}\nb: {max: 3, <<: *a}\nc: [*a, yes, "no", \'1.0\']\nd: {<<: [{e: 1}, {e: 2.0, f: 3.0}]}'
    expect(Object.fromEntries(await writtenInYaml(text))).toEqual({
      ...{ '["a","min"]': '1.0', '["a","max"]': '2.0', '["b","min"]': '1.0', '["b","max"]': '3' },
      ...{ '["c",0,"min"]': '1.0', '["c",0,"max"]': '2.0', '["c",1]': 'yes' },
      ...{ '["d","e"]': '1', '["d","f"]': '3.0' },
    })
  })
})
