/** What is done again and again, and what is not waited for beyond a time. */
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

/** Resolves when the work has ended, however that is, or when so many ms are over. */
export async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  let cancel = () => {}
  const late = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve)
  })
  await Promise.race([work.catch(() => {}), late])
  cancel()
}
