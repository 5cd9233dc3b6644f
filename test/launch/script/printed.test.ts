/** The patterns that are drafted for metrics that a script prints. */
import { expect, it } from 'vitest'
import { patternFor } from '../../../src/launch/script/printed.js'

it('a drafted pattern takes numbers as they are printed, and no word that begins like one', () => {
  const taken = (line: string) => new RegExp(patternFor('val/loss')).exec(line)?.[1]
  expect(['val/loss=0.5', '"val/loss": 3.2e-05,', 'val/loss -.5', 'val/loss: +1e+3'].map(taken)).toEqual([
    '0.5',
    '3.2e-05',
    '-.5',
    '+1e+3',
  ])
  expect(taken('val/loss exploded')).toBeUndefined()
  expect(taken('val/loss - 0.5')).toBeUndefined()
})
