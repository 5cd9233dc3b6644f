/**
 * Sends a sweep to an MLflow server while it runs: what is new on the record is sent when it is there, and nothing of it fails for the
 * server. It runs in a thread of its own (sender-entry.ts), and what it tells and answers goes to the sweep (live.ts).
 */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { isEspalierError } from '../../errors.js'
import type { RunStore } from '../../tracking/index.js'
import { type ClientOptions, openClient } from './client.js'
import { type Mirror, openMirror } from './mirror.js'

/** ms. */
const lookEvery = 400
const firstPause = 1000
const longestPause = 60_000
/** How long it is tried in all, when the sweep has ended, to send what is left. */
const longestFarewell = 60_000
/** How long one request may take while the sweep runs. */
const answerWithin = 20_000

export interface SenderOptions {
  readonly store: RunStore
  /** Its whole id; it need not have begun. */
  readonly sweep: string
  readonly client: Omit<ClientOptions, 'signal'>
  /** ms that a program waits for its run. */
  readonly patience: number
  /** Told what the user of the sweep should know. */
  say(message: string): void
}

export interface Sender {
  /** What the program of a trial finds in its environment: the ids of its own run. undefined where they are not known in time. */
  environmentOf(trial: number, attempt: number): Promise<Record<string, string> | undefined>
  /**
   * The sweep has ended, one way or another: sends what is left, for as long as the server takes something every `ms`, a minute at
   * most, and no longer than until the signal aborts. Never rejects.
   */
  end(ms: number, signal: AbortSignal): Promise<void>
}

/**
 * Begins to send a sweep as it goes on.
 * @throws EspalierError USAGE where no server is named, or it is none; FILE_NOT_READABLE for its certificates.
 */
export async function openSender(options: SenderOptions): Promise<Sender> {
  const { store, sweep, say, patience } = options
  const broken = new AbortController()
  const client = await openClient({
    retries: 0,
    timeout: answerWithin,
    ...options.client,
    signal: broken.signal,
  })
  const { server } = client
  let mirror: Mirror | null = null
  let isAway = false
  /** Programs do not wait any more where one has waited for nothing; until something is taken again. */
  let isSlow = false
  let hasEnded = false
  let pause = firstPause
  /** When the server last took something. */
  let tookAt = performance.now()
  /** Why nothing is sent any more. */
  let over: string | null = null
  const bell = new EventTarget()
  const ring = (name: string) => bell.dispatchEvent(new Event(name))
  const heard = (name: string, ms: number) => {
    const heard = new AbortController()
    return Promise.race([
      once(bell, name, { signal: heard.signal }).catch(() => {}),
      wait(ms, undefined, { signal: heard.signal }).catch(() => {}),
    ]).finally(() => heard.abort())
  }

  async function follow(): Promise<void> {
    while (over === null) {
      try {
        // What comes onto the record while it is sent is read once more.
        const isLast = hasEnded
        mirror ??= await opened()
        if (mirror !== null) {
          await mirror.pull()
          await mirror.push()
        }
        if (isAway) say(`the MLflow server ${server.name} answers again`)
        isAway = false
        isSlow = false
        pause = firstPause
        tookAt = performance.now()
        ring('sent')
        if (mirror?.hasMore()) continue
        if (isLast) return
        if (!hasEnded) await heard('look', lookEvery)
      } catch (error) {
        // What was under way when it was left.
        if (broken.signal.aborted) return
        if (!isEspalierError(error)) over = String(error)
        else if (error.code !== 'MLFLOW_UNREACHABLE') over = error.message
        if (over !== null) {
          say(`warning: the sweep is not sent to MLflow any more: ${over}`)
          break
        }
        if (!isAway) say(`warning: ${(error as Error).message}; the sweep goes on, and is sent there later`)
        isAway = true
        ring('sent')
        // At its end it is tried anew at once, and then again and again.
        await heard('end', hasEnded ? 500 : pause)
        pause = Math.min(longestPause, 2 * pause)
      }
    }
    ring('sent')
  }

  /** null while the record is not begun. */
  async function opened(): Promise<Mirror | null> {
    if ((await store.follower(sweep).next()) === null) return null
    const tell = (message: string) => say(`MLflow: ${message}`)
    const taken = await openMirror(store, sweep, client, tell, () => {
      tookAt = performance.now()
    })
    taken.keepLive(true)
    await taken.save()
    return taken
  }

  const following = follow()

  async function environmentOf(trial: number, attempt: number): Promise<Record<string, string> | undefined> {
    const until = performance.now() + patience
    for (;;) {
      const ids = mirror?.idsOf(trial, attempt) ?? null
      if (ids !== null)
        return {
          MLFLOW_RUN_ID: ids.run,
          MLFLOW_TRACKING_URI: server.base,
          MLFLOW_EXPERIMENT_ID: ids.experiment,
        }
      const left = until - performance.now()
      if (isAway || isSlow || over !== null) return undefined
      if (left <= 0) {
        isSlow = true
        say(
          `warning: the MLflow server ${server.name} takes its time: trial ${trial} runs without the id of its run there`,
        )
        return undefined
      }
      ring('look')
      await heard('sent', Math.min(left, 50))
    }
  }

  return {
    environmentOf,
    async end(ms, signal) {
      hasEnded = true
      ring('look')
      ring('end')
      const until = performance.now() + longestFarewell
      tookAt = performance.now()
      for (let isOver = false; !isOver && !signal.aborted; ) {
        const left = Math.min(tookAt + ms, until) - performance.now()
        if (left <= 0) break
        const time = wait(left, false, { ref: false, signal }).catch(() => false)
        isOver = await Promise.race([following.then(() => true), time])
      }
      over ??= 'the sweep has ended'
      broken.abort()
      ring('look')
      ring('end')
      await following
      const last = mirror ?? (await opened().catch(() => null))
      if (last !== null) {
        await last.pull().catch(() => {})
        for (const error of last.problems.values()) say(`warning: not on the MLflow server: ${error.message}`)
        await last.close().catch(() => {})
      }
      await client.close()
      // It never began.
      if (last === null) return
      const { waiting, runs } = last.counts()
      if (waiting > 0)
        say(
          `${waiting} of ${runs} runs are not on the MLflow server ${server.name} yet; espalier sync mlflow ${sweep} sends them`,
        )
    },
  }
}
