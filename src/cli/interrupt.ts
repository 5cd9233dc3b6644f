/** Ctrl-C (or SIGTERM): the first lets running trials end, the second stops them, the third ends the process. */

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
  const onSignal = () => {
    if (!stop.signal.aborted) {
      onStop()
      stop.abort()
    } else if (!kill.signal.aborted) {
      onKill()
      kill.abort()
    }
    // Everything that was recorded is on disk already.
    else process.exit(130)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    return await work({ signal: stop.signal, killSignal: kill.signal })
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}
