/** The thread that works out insights: what it is sent, how long it lives, and what is told where it dies. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { type AskedSweep, Insights, type InsightsOptions } from '../../src/dashboard/server/insights.js'

const opened: Insights[] = []

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

/** Insights whose threads are fixtures, with those that were started, and what was sent to them. */
function insights(options: Omit<InsightsOptions, 'start'> = {}) {
  const threads: Worker[] = []
  const start = () => {
    const thread = new Worker(new URL('fixtures/answering-thread.mjs', import.meta.url), { execArgv: [] })
    threads.push(thread)
    return thread
  }
  const made = new Insights('nowhere', { start, ...options })
  opened.push(made)
  const ask = (metric: string, place = '1') => {
    // Who was sent is what a fixture says, not what it would look into.
    const contents = () => ({ run: `a at ${place}`, judging: null, table: null }) as never
    const sweep: AskedSweep = { id: 'a', place, contents }
    return made.ask({ kind: 'insight', sweep: 'a', metric }, sweep)
  }
  return { made, threads, ask }
}

test('a sweep is sent to the thread once for all questions, and again when it has grown', async () => {
  const { threads, ask } = insights()
  expect(await ask('one')).toEqual({ metric: 'one', sent: 'a at 1' })
  expect(await ask('two')).toEqual({ metric: 'two', sent: null })
  expect(await ask('three', '2')).toEqual({ metric: 'three', sent: 'a at 2' })
  expect(threads).toHaveLength(1)
})

test('the same question about the same record is answered from memory, and so is one that is still being worked out', async () => {
  const { threads, ask } = insights()
  const first = ask('one')
  expect(ask('one')).toBe(first)
  await first
  expect(ask('one')).toBe(first)
  // Of a sweep that has just grown a little.
  expect(ask('one', '2')).toBe(first)
  expect(threads).toHaveLength(1)
})

test('a thread that is asked nothing for a while is ended; whoever asks then has another, which is sent all', async () => {
  const { threads, ask } = insights({ idleFor: 5 })
  await ask('one')
  await once(threads[0], 'exit')
  expect(await ask('two')).toEqual({ metric: 'two', sent: 'a at 1' })
  expect(threads).toHaveLength(2)
  await once(threads[1], 'exit')
})

test('a thread that is asked again before it was idle for long enough goes on, and one that works is not idle', async () => {
  const { threads, ask } = insights({ idleFor: 5 })
  const hangs = ask('hang')
  await ask('one')
  // Longer than it would have rested: another thread has begun and ended in the meantime.
  const other = insights({ idleFor: 20 })
  await other.ask('one')
  await once(other.threads[0], 'exit')
  expect(await ask('two')).toEqual({ metric: 'two', sent: null })
  expect(threads).toHaveLength(1)
  await Promise.all([expect(hangs).rejects.toThrow('the dashboard ends'), closeAll()])
})

test.each([
  ['exits', 'die', 'it ended (exit code 3)'],
  ['throws', 'throw', 'out of its depth'],
])(
  'where the thread %s in the middle, all that waits is told so, and asked again it is worked out',
  async (_, how, why) => {
    const { threads, ask } = insights()
    await ask('one')
    const waiting = [ask('hang'), ask(how), ask('two')]
    for (const one of await Promise.allSettled(waiting))
      expect(one).toMatchObject({
        status: 'rejected',
        reason: { code: 'INTERNAL', message: `the thread that analyses sweeps failed: ${why}` },
      })
    expect(await ask('two')).toEqual({ metric: 'two', sent: 'a at 1' })
    expect(threads).toHaveLength(2)
  },
)

test('the end of the dashboard ends the thread, and tells who waits', async () => {
  const { made, threads, ask } = insights()
  const waiting = ask('hang')
  await Promise.all([expect(waiting).rejects.toThrow('the dashboard ends'), made.close()])
  await made.close()
  expect(threads[0].threadId).toBe(-1)
})

async function closeAll(): Promise<void> {
  for (const one of opened.splice(0)) await one.close()
}
