/**
 * The threads that run somebody's code, from their start to their very end: what they have started ends with them, and
 * the process ends whatever one of them is stuck in.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { inspect } from 'node:util'
import { isMainThread, type Worker } from 'node:worker_threads'
import { whenProcessGone } from '../training/index.js'
import { leave } from './leave.js'

/** ms that threads have to end when the process does, before it ends without them. */
const lastGrace = 1000

const alive = new Set<LiveThread>()
let watching = false
/** An error that nobody catches ends the process, and has yet to be said. */
let uncaught: { readonly error: unknown } | null = null

/** A thread that has not ended yet, even where it was told to. */
export class LiveThread {
  /** What the system calls it (Linux: `PID/task/TID`), once it has said so. */
  #systemName: string | null = null
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  readonly #worker: Worker
  /** It has been told to end long enough ago. */
  #overdue = false
  /** Processes that it had started, and that were ended with it. */
  readonly #children = new Set<number>()

  constructor(worker: Worker) {
    this.#worker = worker
    alive.add(this)
    watchExit()
    this.ended = new Promise((resolve) => {
      worker.once('exit', () => {
        alive.delete(this)
        resolve()
      })
    })
  }

  /** Takes what the thread says the system calls it: the first thing it says, before any code of others runs in it. */
  setSystemName(said: unknown): void {
    const [, process_, thread] = /^(\d+)\/task\/(\d+)$/.exec(String(said)) ?? []
    const ofOurs = process_ === String(process.pid) && thread !== process_
    if (this.#systemName === null && ofOurs) this.#systemName = `${process_}/task/${thread}`
  }

  /**
   * Ends the processes that this thread has started, and theirs (Linux only): one that is waited for synchronously is
   * what a thread hangs in. Call it before the thread is ended: what it has started is known only as long as it lives.
   */
  endChildren(): void {
    if (this.#systemName === null) return
    for (const pid of descendants(this.#systemName)) {
      this.#children.add(pid)
      kill(pid)
    }
  }

  /** Resolves when it has ended, and the processes that were ended with it. */
  async gone(): Promise<void> {
    await this.ended
    await Promise.all([...this.#children].map(whenProcessGone))
  }

  /** Ends it, and what it has started. Resolves when it has ended, or after the limit (ms): then it is stuck. */
  async end(limit: number): Promise<void> {
    this.endChildren()
    void this.#worker.terminate()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#overdue = true
        // It keeps the process alive no more.
        this.#worker.unref()
        resolve()
      }, limit)
    })
    await Promise.race([this.ended, late])
    clearTimeout(timer)
  }

  /** Tells it to end, now that nothing can be waited for. */
  endAtLast(): void {
    this.endChildren()
    void this.#worker.terminate()
  }

  /** Whether it has not ended although it was told to. What cannot be known is no. */
  get stuck(): boolean {
    return this.#systemName === null ? this.#overdue : existsSync(`/proc/${this.#systemName}`)
  }
}

/** What the system calls the thread that asks (Linux); null where it has no name to go by. */
export function ownSystemName(): string | null {
  try {
    return readlinkSync('/proc/thread-self')
  } catch {
    return null
  }
}

/** Processes started by this thread, and by those. */
function descendants(systemName: string): number[] {
  const found: number[] = []
  for (const pid of childrenOf(systemName)) {
    found.push(pid)
    for (const thread of threadsOf(pid)) found.push(...descendants(`${pid}/task/${thread}`))
  }
  return found
}

function childrenOf(systemName: string): number[] {
  try {
    const listed = readFileSync(`/proc/${systemName}/children`, 'utf8').trim()
    return listed === '' ? [] : listed.split(' ').map(Number)
  } catch {
    return []
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

function watchExit(): void {
  // Inside a thread `exit` ends that thread alone.
  if (watching || !isMainThread) return
  watching = true
  process.on('exit', onExit)
  process.on('uncaughtExceptionMonitor', (error) => {
    uncaught = { error }
  })
}

/** The last that is done of this process where a thread is stuck: Node would go on to wait for it. */
function onExit(code: number): void {
  for (const thread of alive) thread.endAtLast()
  const until = performance.now() + lastGrace
  const stuck = () => [...alive].some((thread) => thread.stuck)
  while (stuck() && performance.now() < until) pause(10)
  if (!stuck()) return
  // Listeners that came later are not called any more.
  const listeners = process.listeners('exit') as ((code: number) => void)[]
  for (const listener of listeners.slice(listeners.indexOf(onExit) + 1)) {
    try {
      listener.call(process, code)
    } catch {
      // The process ends all the same.
    }
  }
  for (const thread of alive) thread.endChildren()
  if (uncaught !== null && process.listenerCount('uncaughtException') === 0)
    process.stderr.write(`${inspect(uncaught.error)}\n`)
  leave(Number(process.exitCode ?? code))
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
