/** Some operations of each task here, every one of them in test/long. */
import { describe, it } from 'vitest'
import { expectSurvived, tasks } from './kills.js'

describe('a store whose process is killed, or whose machine loses power, after an operation', () => {
  for (const [i, [name, task]] of Object.entries(tasks).entries())
    it(`is whole, and comes to the same when the task is done again: ${name}`, () =>
      expectSurvived(task, i, 6))
})
