/** What is done again and again. */
import type { Clock } from './clock.js'

/** Each time `ms` after the last one has ended; what fails is tried again. What is answered ends it. */
export function repeat(clock: Clock, ms: number, work: () => Promise<void>): () => void {
  let cancel = () => {}
  let over = false
  const next = () => {
    cancel = clock.after(ms, () => {
      work()
        .catch(() => {})
        .finally(() => {
          if (!over) next()
        })
    })
  }
  next()
  return () => {
    over = true
    cancel()
  }
}
