/**
 * A program in a process group of its own, so that it can be ended with everything it started: asked first (SIGTERM),
 * and after a grace made to (SIGKILL). When the program itself has ended, nothing of its group stays behind either.
 *
 * A Ctrl-C in the terminal does not reach the group, because whether running trials go on is for Espalier to say; so
 * where this process ends without having said it, the groups are ended with it. Windows has no process groups: there
 * only the program itself is ended.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { onExit } from 'signal-exit'

/** ms between SIGTERM and SIGKILL. */
export const GRACE = 2000

export interface ProgramEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export class ProcessGroup {
  readonly child: ChildProcessWithoutNullStreams
  /** How the program itself ended; rejects where it cannot be started. */
  private readonly exited: Promise<ProgramEnd>
  /** Resolves when nobody holds the program's output any more. */
  private readonly closed: Promise<void>
  private killing: NodeJS.Timeout | undefined
  private heard = 0
  /** Nothing of it is left: its number may be somebody else's by now. */
  private over = false

  /** `folder`: the program's own, which goes with it where this process ends before it. */
  constructor(
    command: readonly string[],
    options: { cwd: string; env: NodeJS.ProcessEnv },
    private readonly folder: string,
  ) {
    const [program, ...args] = command
    this.child = spawn(program, args, { ...options, detached: process.platform !== 'win32', shell: false })
    this.exited = new Promise((resolve, reject) => {
      this.child.once('error', reject)
      this.child.once('exit', (code, signal) => resolve({ code, signal }))
    })
    this.closed = new Promise((resolve) => {
      this.child.once('close', () => resolve())
    })
    // It may end, or close its stdin, while something is being written.
    this.child.stdin.on('error', () => {})
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('error', () => {})
      stream.on('data', () => this.heard++)
    }
    if (this.child.pid !== undefined) watch(this)
  }

  /** Asks the whole group to end, and after the grace ends it. */
  end(): void {
    if (this.over || this.killing !== undefined) return
    this.signal('SIGTERM')
    this.killing = setTimeout(() => this.signal('SIGKILL'), GRACE)
  }

  /**
   * How the program ended, once nothing of its group is left and its output has been heard; `idle` tells whether
   * everybody has dealt with what was heard so far. Rejects where it could not be started.
   */
  async ended(idle: () => boolean): Promise<ProgramEnd> {
    try {
      const end = await this.exited
      // Asked to end, what the program started has the grace too; it is over when nobody holds the output.
      if (this.killing !== undefined) await Promise.race([this.closed, delay(GRACE)])
      this.signal('SIGKILL')
      await this.drained(idle)
      return end
    } finally {
      this.over = true
      clearTimeout(this.killing)
      unwatch(this)
    }
  }

  /** Never throws: a group that has ended has nobody to take the signal. */
  signal(name: NodeJS.Signals): void {
    const { pid } = this.child
    if (pid === undefined || this.over) return
    try {
      if (process.platform === 'win32') this.child.kill(name)
      else process.kill(-pid, name)
    } catch {
      // Nobody is left in the group.
    }
  }

  /** At once, because this process ends. */
  abandon(): void {
    this.signal('SIGKILL')
    try {
      rmSync(this.folder, { recursive: true, force: true })
    } catch {
      // What still dies may be writing there; the system clears its temporary files.
    }
  }

  /** Somebody who left the group may hold the output for ever: it is waited for while it says something. */
  private async drained(idle: () => boolean): Promise<void> {
    let closed = false
    const close = this.closed.then(() => {
      closed = true
    })
    for (let rounds = 0; rounds < 20; rounds++) {
      const before = this.heard
      const pause = new AbortController()
      await Promise.race([close, delay(250, undefined, { signal: pause.signal }).catch(() => {})])
      pause.abort()
      // On a busy machine the pause may be over before anybody looked at what there is to read: now somebody has.
      await nextTurn()
      await nextTurn()
      if (closed || (this.heard === before && idle())) break
    }
    this.child.stdout.destroy()
    this.child.stderr.destroy()
    this.child.stdin.destroy()
  }
}

const live = new Set<ProcessGroup>()
let forget: (() => void) | undefined

/** However this process ends, short of SIGKILL, the groups end with it. */
function watch(group: ProcessGroup): void {
  forget ??= onExit(() => {
    for (const one of live) one.abandon()
  })
  live.add(group)
}

function unwatch(group: ProcessGroup): void {
  live.delete(group)
  if (live.size > 0) return
  forget?.()
  forget = undefined
}
