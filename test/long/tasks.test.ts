/** The tasks of a store, killed after every single operation on files. */
import { describe, it } from 'vitest'
import { expectSurvived, tasks } from '../tracking/kills.js'

describe('a store whose process is killed, or whose machine loses power, after any operation', () => {
  for (const [name, task] of Object.entries(tasks))
    it(`is whole, and comes to the same when the task is done again: ${name}`, () =>
      expectSurvived(task, 0, 1))
})
