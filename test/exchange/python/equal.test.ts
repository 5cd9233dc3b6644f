/** Exported models predict in Python what they predict here, to the last bit. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { askedOf, cases } from './cases.js'
import { type Asked, ownAnswers, pythonAnswers } from './support.js'

const python = ['python3', 'python'].find((program) => {
  const { status, stdout } = spawnSync(program, ['-c', 'import sys; print(sys.version_info >= (3, 8))'], {
    encoding: 'utf8',
  })
  return status === 0 && stdout.trim() === 'True'
})

describe.skipIf(python === undefined)('python', () => {
  it('predicts what we predict, to the last bit: every trainer and engine', async () => {
    const asked: Asked[] = []
    for (const [i, one] of cases.entries()) asked.push(await askedOf(one, i))
    const theirs = await pythonAnswers(python!, asked)
    expect(theirs.filter(({ error }) => error !== undefined)).toEqual([])
    for (const [i, one] of cases.entries())
      expect.soft(theirs[i], JSON.stringify(one)).toEqual(await ownAnswers(asked[i]))
  })
})
