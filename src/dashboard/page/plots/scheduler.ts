/**
 * Who draws when: what a hand moves first, the others in the time that is left of each frame, a portion at a time. So brushing
 * stays quick with any number of plots in view.
 */

/** ms of each frame that may be spent on drawing. */
const allowance = 11

interface Job {
  readonly begin: () => Iterable<void>
  readonly urgent: boolean
  portions: Iterator<void> | null
}

const jobs = new Map<object, Job>()
let asked = false

/** Draws in the next frames, anew where `owner` is drawing already. */
export function schedule(owner: object, urgent: boolean, begin: () => Iterable<void>): void {
  // Those that wait keep their place, or the same few would always be drawn.
  jobs.set(owner, { begin, urgent, portions: null })
  if (asked) return
  asked = true
  requestAnimationFrame(frame)
}

export function forget(owner: object): void {
  jobs.delete(owner)
}

/** Whether anything is still to be drawn. */
export function isDrawing(): boolean {
  return jobs.size > 0
}

function frame(): void {
  asked = false
  const until = performance.now() + allowance
  const order = [...jobs].sort(([, a], [, b]) => Number(b.urgent) - Number(a.urgent))
  for (const [owner, job] of order) {
    job.portions ??= job.begin()[Symbol.iterator]()
    // One portion a frame: what is drawn now costs the browser more after this function than in it.
    const done = job.portions.next().done === true
    if (done && jobs.get(owner) === job) jobs.delete(owner)
    // The last to be served is the first of the next frame.
    else if (jobs.get(owner) === job && !job.urgent) {
      jobs.delete(owner)
      jobs.set(owner, job)
    }
    if (performance.now() >= until) break
  }
  if (jobs.size > 0 && !asked) {
    asked = true
    requestAnimationFrame(frame)
  }
}
