/**
 * A program in a process group of its own, so that it can be ended with everything it started: asked first (SIGTERM),
 * and after a grace made to (SIGKILL). When the program itself has ended, nothing of its group stays behind either.
 *
 * A Ctrl-C in the terminal does not reach the group, because whether running trials go on is for Espalier to say; so
 * where this process ends without having said it, the groups are ended with it (supervisor.ts, and at an orderly end at
 * once). What left the group is ended where it holds the program's output or the trial was stopped, else with this
 * process (marked.ts). Windows has no process groups: there only the program itself is ended.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { onExit } from 'signal-exit'
import { programBegins, programEnded } from '../../processes.js'
import { endMarked } from './marked.js'
import { release, supervise } from './supervisor.js'

/** ms between SIGTERM and SIGKILL unless a program has a grace of its own. */
export const usualGrace = 2000
/** ms after SIGKILL in which a process is gone, unless the system itself holds it (a disk that does not answer). */
const deathMs = 2000
/** ms between two looks at whether there is still output to come. */
const pauseMs = 250
/** Looks at output of others, when everything that the program itself said has been dealt with. */
const mostPauses = 4

export interface ProgramEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Whether it ended after it had been asked to: then the signal is ours. */
  readonly asked: boolean
}

export class ProcessGroup {
  readonly #scratch: { readonly folder: string; readonly prefix: string }
  /** ms between SIGTERM and SIGKILL. */
  readonly grace: number

  readonly child: ChildProcessWithoutNullStreams
  /** How the program itself ended; rejects where it cannot be started. */
  readonly #exited: Promise<ProgramEnd>
  /** Resolves when nobody holds the program's output any more. */
  readonly #closed: Promise<void>
  #killing: NodeJS.Timeout | undefined
  #heard = 0
  #giveUp!: (end: ProgramEnd) => void
  /** Nothing of it is left: its number may be somebody else's by now. */
  #over = false

  /**
   * `folder`: the program's own, which goes with it where this process ends before it; `prefix`: what the names of all
   * such folders begin with.
   */
  constructor(
    command: readonly string[],
    options: { cwd: string; env: NodeJS.ProcessEnv },
    scratch: { readonly folder: string; readonly prefix: string },
    grace = usualGrace,
  ) {
    this.#scratch = scratch
    this.grace = grace

    const [program, ...args] = command
    this.child = spawn(program, args, { ...options, detached: process.platform !== 'win32', shell: false })
    // Where no more files can be opened there is not even a pipe, and the error comes only in a later turn.
    if (!this.child.stdin) {
      this.child.on('error', () => {})
      throw new Error('EMFILE: the system lets this process open no more files')
    }
    if (this.child.pid !== undefined) supervise(this.child.pid, scratch.prefix)
    this.#exited = new Promise((resolve, reject) => {
      this.#giveUp = resolve
      this.child.once('error', reject)
      this.child.once('exit', (code, signal) => resolve({ code, signal, asked: this.#killing !== undefined }))
    })
    this.#closed = new Promise((resolve) => {
      this.child.once('close', () => resolve())
    })
    // It may end, or close its stdin, while something is being written.
    this.child.stdin.on('error', () => {})
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('error', () => {})
      stream.on('data', () => this.#heard++)
    }
    if (this.child.pid !== undefined) watch(this)
  }

  /** Asks the whole group to end, and after the grace ends it. */
  end(): void {
    if (this.#over || this.#killing !== undefined) return
    this.signal('SIGTERM')
    this.#killing = setTimeout(() => {
      this.signal('SIGKILL')
      this.#killing = setTimeout(() => {
        this.child.unref()
        this.#giveUp({ code: null, signal: 'SIGKILL', asked: true })
      }, deathMs)
    }, this.grace)
  }

  /**
   * How the program ended, once nothing of its group is left and its output has been heard; `idle` tells whether
   * everybody has dealt with what was heard so far. Rejects where it could not be started.
   */
  async ended(idle: () => boolean): Promise<ProgramEnd> {
    try {
      const end = await this.#exited
      // Asked to end, what the program started has the grace too; it is over when nobody holds the output.
      if (this.#killing !== undefined) await this.#closedWithin(this.grace)
      this.signal('SIGKILL')
      if (this.#killing !== undefined) await endMarked(this.#scratch.folder)
      await this.#drained(idle)
      return end
    } finally {
      this.#over = true
      clearTimeout(this.#killing)
      unwatch(this)
      if (this.child.pid !== undefined) release(this.child.pid)
    }
  }

  async #closedWithin(ms: number): Promise<void> {
    const timer = new AbortController()
    const over = delay(ms, undefined, { signal: timer.signal }).catch(() => {})
    await Promise.race([this.#closed, over])
    timer.abort()
  }

  /** Never throws: a group that has ended has nobody to take the signal. */
  signal(name: NodeJS.Signals): void {
    const { pid } = this.child
    if (pid === undefined || this.#over) return
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
      rmSync(this.#scratch.folder, { recursive: true, force: true })
    } catch {
      // What still dies may be writing there; the system clears its temporary files.
    }
  }

  /**
   * Somebody who left the group may hold the output for ever: whoever carries the trial's mark is ended, and others are
   * waited for no longer than it takes to hear what the program itself has said.
   */
  async #drained(idle: () => boolean): Promise<void> {
    let closed = false
    const close = this.#closed.then(() => {
      closed = true
    })
    for (let pauses = 0, quiet = 0; pauses < mostPauses && quiet < 2; ) {
      const before = this.#heard
      const pause = new AbortController()
      await Promise.race([close, delay(pauseMs, undefined, { signal: pause.signal }).catch(() => {})])
      pause.abort()
      // On a busy machine the pause may be over before anybody looked at what there is to read: now somebody has.
      await nextTurn()
      await nextTurn()
      if (closed) break
      if (!idle()) continue
      if (pauses++ === 0) await endMarked(this.#scratch.folder)
      quiet = this.#heard === before ? quiet + 1 : 0
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
  programBegins(group, group.grace)
}

function unwatch(group: ProcessGroup): void {
  live.delete(group)
  programEnded(group)
  if (live.size > 0) return
  forget?.()
  forget = undefined
}
