/**
 * Ctrl-C (or SIGTERM): the first lets running trials end and begins nothing, the second stops them, and ends the process where that takes
 * too long; the third ends the process.
 */
import { longestGrace } from '../processes.js'

/** ms the work has to come to its end after the second, beside what programs get to end by themselves. */
const killLimit = 5000

export interface StopSignals {
  readonly signal: AbortSignal
  readonly killSignal: AbortSignal
}

/**
 * Does the work with two abort signals that follow the process's own; gives those back afterwards.
 * @param onStop called at the first signal.
 * @param onKill called at the second.
 */
export async function untilStopped<T>(
  work: (signals: StopSignals) => Promise<T>,
  onStop: () => void,
  onKill: () => void,
): Promise<T> {
  const stop = new AbortController()
  const kill = new AbortController()
  let tooLong: NodeJS.Timeout | undefined
  const onSignal = () => {
    if (!stop.signal.aborted) {
      // First, so that what is left is known when it is told.
      stop.abort()
      onStop()
    } else if (!kill.signal.aborted) {
      onKill()
      kill.abort()
      tooLong = setTimeout(() => process.exit(130), killLimit + longestGrace())
    }
    // Everything that was recorded is on disk already.
    else process.exit(130)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    return await work({ signal: stop.signal, killSignal: kill.signal })
  } finally {
    clearTimeout(tooLong)
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}
