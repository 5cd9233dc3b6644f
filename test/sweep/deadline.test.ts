/** The time of a sweep: what was said, and what is foreseen. */
import { describe, expect, it } from 'vitest'
import { Deadline } from '../../src/sweep/deadline.js'

const minute = 60_000
const of = (foresees: boolean) => {
  const deadline = new Deadline({ maxTime: minute, maxTimeGrace: Number.POSITIVE_INFINITY, foresees })
  const took = (...seconds: number[]) => {
    for (const one of seconds) deadline.trialTook(1000 * one)
    const { aborted } = deadline.over
    deadline.clear()
    return aborted
  }
  return took
}

describe('the time of a sweep', () => {
  it('is over for the next trial when that could no longer end in time, going by the median of those before', () => {
    expect(of(true)(70)).toBe(true)
    expect(of(true)(1, 1, 1000)).toBe(false)
    expect(of(true)(1, 70, 70)).toBe(true)
  })

  it('is what was said where nothing is to be foreseen', () => {
    expect(of(false)(70, 70)).toBe(false)
  })
})
