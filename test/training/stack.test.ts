import { describe, expect, it } from 'vitest'
import { stackLines } from '../../src/training/stack.js'

const withStack = (...lines: string[]) =>
  Object.assign(new Error('x'), { stack: `Error: x\n${lines.map((line) => `    ${line}`).join('\n')}` })

describe('stackLines', () => {
  it('prefers the lines of the file', () => {
    const error = withStack(
      'at a (/lib/x.js:1:2)',
      'at b (/me/t.js:3:4)',
      'at c (/me/t.js:5:6)',
      'at /lib/y.js:7:8',
    )
    expect(stackLines(error, '/me/t.js')).toEqual(['at b (/me/t.js:3:4)', 'at c (/me/t.js:5:6)'])
    expect(stackLines(error, '/other.js', 2)).toEqual(['at a (/lib/x.js:1:2)', 'at b (/me/t.js:3:4)'])
    expect(stackLines(error, null)).toHaveLength(3)
  })

  it('writes URLs as paths, and the file in place of compiled text', () => {
    const error = withStack(
      "at f (file:///me/my%20'own'/t.mjs?v=1:3:4)",
      'at g (data:text/javascript,var%20a(%20)()?filePath=%2Fme%2Fmy%20t.ts%3Fnamespace%3Da-b:2:813)',
      'at file:///me/t.mjs:1:1',
    )
    expect(stackLines(error, null)).toEqual([
      "at f (/me/my 'own'/t.mjs?v=1:3:4)",
      'at g (/me/my t.ts)',
      'at /me/t.mjs:1:1',
    ])
  })

  it('bears an error without a stack', () => {
    expect(stackLines(Object.assign(new Error('x'), { stack: undefined }), null)).toEqual([])
  })
})
