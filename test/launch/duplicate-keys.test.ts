/** A key that stands twice in a sweep file: found with its path, and refused. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sweep } from '../../src/index.js'
import { duplicateKeys } from '../../src/launch/duplicate-keys.js'
import { temporaryDirectory } from './support.js'

it('is found at any depth, once', () => {
  expect(duplicateKeys('{"a": 1, "b": {"a": 2, "c": [{"x": 1, "x": 2, "x": 3}]}, "b": 1}')).toEqual([
    'b.c[0].x',
    'b',
  ])
  // The same key, written in another way.
  expect(duplicateKeys('{"a": 1, "\\u0061": 2}')).toEqual(['a'])
  expect(duplicateKeys('{"a": "a", "b": ["a", "a", {}, {"a": "{\\"a\\": 1, \\"a\\""}]}')).toEqual([])
})

it('is in no text that JSON.stringify writes', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => duplicateKeys(JSON.stringify(value)).length === 0))
})

it('is refused: JSON itself would take the last and be silent', async () => {
  const directory = await temporaryDirectory()
  const file = join(directory, 'twice.json')
  await writeFile(
    file,
    '{"parameters": {"x": {"type": "float", "min": 0, "max": 1}, "x": {"type": "int", "min": 1, "max": 9}}}',
  )
  await expect(sweep(file, { store: join(directory, 'runs') })).rejects.toMatchObject({
    code: 'JSON_INVALID',
    message: expect.stringMatching(/twice\.json has parameters\.x more than once\); rename or remove/),
  })
})
