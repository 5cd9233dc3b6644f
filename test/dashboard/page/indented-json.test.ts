/** JSON that is shown: on lines of its own, and nothing of it another than in its file. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indentedJson } from '../../../src/dashboard/page/indented-json.js'

test('is laid out as JSON.stringify does it, however it was laid out', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      expect(indentedJson(JSON.stringify(value, null, space))).toBe(JSON.stringify(value, null, 2))
    }),
  )
})

test('keeps what a browser would read as something else', () => {
  const text = '{"10":12345678901234567890,"2":1.00,"2":1e400,"__proto__":{"a":-0}}'
  expect(indentedJson(text).replace(/\s/g, '')).toBe(text)
})

test('is the text itself where it is none, and does not grow without end where it is deep', () => {
  expect(indentedJson('{"a": ')).toBe('{"a": ')
  const deep = `${'['.repeat(3000)}${']'.repeat(3000)}`
  expect(indentedJson(deep).replace(/\s/g, '')).toBe(deep)
  expect(indentedJson(deep).length).toBeLessThan(1e6)
})
