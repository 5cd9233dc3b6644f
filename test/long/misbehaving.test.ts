/** The pool beside many fits that do what they must not. */
import { it } from 'vitest'
import { createPoolExecutor } from '../../src/execution/index.js'
import { expectOthersUnharmed } from '../execution/misbehaving.js'
import { objectivePlan } from '../laws/executor.js'

it('goes on through two thousand fits of which one in twenty misbehaves', async () => {
  const executor = createPoolExecutor({ plan: objectivePlan(), workers: 2, memoryLimit: 64, grace: 100 })
  try {
    await executor.ready()
    await expectOthersUnharmed(executor, 2000)
  } finally {
    await executor.close()
  }
})
