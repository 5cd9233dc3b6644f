/** A wait goes on after a time in which nothing could be heard. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { afterWaking } from '../../src/execution/after-waking.js'

/** As while the process is frozen. */
function nothingIsHeard(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

it('what is said right after a long silence is heard before the wait is over', async () => {
  let over = false
  afterWaking(300, () => {
    over = true
  })
  nothingIsHeard(900)
  await sleep(60)
  expect(over).toBe(false)
  await sleep(600)
  expect(over).toBe(true)
})

it('is called off', async () => {
  let over = false
  const callOff = afterWaking(20, () => {
    over = true
  })
  await sleep(5)
  callOff()
  await sleep(400)
  expect(over).toBe(false)
})
