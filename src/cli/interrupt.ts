/**
 * Ctrl-C (or SIGTERM): the first lets running trials end, the second stops them, and ends the process where that takes
 * too long; the third ends the process.
 */

/** ms the work has to come to its end after the second, beside what programs get to end by themselves. */
const killLimit = 5000

/** ms that the programs which run now may take to end. Loaded only here: most commands run none. */
async function timeOfPrograms(): Promise<number> {
  const { longestGrace } = await import('../training/index.js')
  return longestGrace()
}

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
  let over = false
  const onSignal = () => {
    if (!stop.signal.aborted) {
      onStop()
      stop.abort()
    } else if (!kill.signal.aborted) {
      onKill()
      kill.abort()
      void timeOfPrograms().then((grace) => {
        if (!over) tooLong = setTimeout(() => process.exit(130), killLimit + grace)
      })
    }
    // Everything that was recorded is on disk already.
    else process.exit(130)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    return await work({ signal: stop.signal, killSignal: kill.signal })
  } finally {
    over = true
    clearTimeout(tooLong)
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}
