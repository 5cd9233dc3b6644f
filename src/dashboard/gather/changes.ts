/** Which trials some updates of a record are about: worked out alike for whoever follows, and for whoever catches up. */
import type { SweepUpdate } from '../../tracking/index.js'

export class Changes {
  /** Trials whose rows are to be told again. */
  readonly rows = new Set<number>()
  readonly deleted = new Set<number>()
  /** Further steps by metric; `all` where the trial began. */
  readonly steps = new Map<number, ReadonlyMap<string, number> | 'all'>()
  /** Trials that printed, or began anew. */
  readonly output = new Set<number>()
  /** Whether there was any update. */
  any = false

  /** @param open trials that had no outcome before the update. */
  take(update: SweepUpdate, open: Iterable<number>): void {
    this.any = true
    if (update.kind === 'session') for (const trial of open) this.rows.add(trial)
    const trial = update.kind === 'trial' ? update.run.trial : 'trial' in update ? update.trial : null
    if (trial === null) return
    this.rows.add(trial)
    switch (update.kind) {
      case 'deleted':
        this.rows.delete(trial)
        this.deleted.add(trial)
        this.steps.delete(trial)
        this.output.delete(trial)
        break
      case 'started':
        this.steps.set(trial, 'all')
        if (update.attempt > 1) this.output.add(trial)
        break
      case 'progress':
        if (update.output !== undefined) this.output.add(trial)
        if (update.history !== undefined) this.#count(trial, update.history)
        break
      case 'ended':
        this.steps.delete(trial)
        this.output.delete(trial)
        break
    }
  }

  #count(trial: number, history: Readonly<Record<string, { readonly steps: readonly number[] }>>): void {
    const before = this.steps.get(trial)
    if (before === 'all') return
    const counts = new Map(before)
    for (const [name, { steps }] of Object.entries(history))
      counts.set(name, (counts.get(name) ?? 0) + steps.length)
    this.steps.set(trial, counts)
  }
}
