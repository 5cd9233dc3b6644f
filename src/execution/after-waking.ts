/**
 * A wait that counts the time in which this thread is awake. One timer runs on while the thread is busy or the process is frozen, and goes
 * off before anything is heard that was said meanwhile; of a wait in parts no more than one part is lost.
 */
const parts = 10

/** Calls back after so many ms; returns how to call it off. */
export function afterWaking(ms: number, then: () => void): () => void {
  let left = parts
  let timer: NodeJS.Timeout | undefined
  const wait = () => {
    timer = setTimeout(() => {
      if (--left === 0) then()
      else wait()
    }, ms / parts)
  }
  wait()
  return () => clearTimeout(timer)
}
