/** The executor of this machine: the one a sweep has unless it is handed another. */
import { createInlineExecutor } from './inline.js'
import { createPoolExecutor } from './pool.js'
import type { Executor, ExecutorSetup } from './types.js'

/**
 * In line for what was passed in code, which no thread could be given, and for a program, which has a process of its
 * own: a thread beside it would only wait. Everything else in a pool of threads.
 */
export function createLocalExecutor({ code, ...options }: ExecutorSetup): Executor {
  const { kind } = options.plan.trainer
  return kind === 'function' || kind === 'command'
    ? createInlineExecutor(options, code)
    : createPoolExecutor(options)
}
