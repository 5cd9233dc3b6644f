/**
 * How much memory of its devices is in use while a fit runs, by looking from time to time. It tells of whole devices, whoever
 * uses them. Looking costs a process of the maker's tool, so there is none while nothing runs, and a tool that fails is left alone.
 */
import { type Environment, memoryInUse } from './device-tools.js'
import type { Device } from './types.js'

/** ms from a fit's start to the first look: a short fit costs none. */
const firstLook = 1000
/** ms between two looks. */
const interval = 5000
/** ms in which the tool answers. */
const timeLimit = 5000
/** Looks in vain, one after the other, before the tool is left alone. */
const mostFailures = 3

/** One fit that is watched. */
export interface WatchedFit {
  /** Megabytes at most in use on one of its devices since it began; null where no look was had. */
  end(): number | null
}

interface Watched {
  readonly devices: readonly Device[]
  peak: number | null
}

export class DeviceMemory {
  readonly #kind: 'cuda' | 'rocm'
  readonly #environment: Environment
  readonly #running = new Map<WatchedFit, Watched>()
  #timer: NodeJS.Timeout | undefined
  #looking = false
  #failures = 0

  constructor(kind: 'cuda' | 'rocm', environment: Environment) {
    this.#kind = kind
    this.#environment = environment
  }

  begin(devices: readonly Device[]): WatchedFit {
    const watched: Watched = { devices, peak: null }
    const fit: WatchedFit = {
      end: () => {
        this.#running.delete(fit)
        if (this.#running.size === 0) clearTimeout(this.#timer)
        return watched.peak
      },
    }
    this.#running.set(fit, watched)
    if (this.#running.size === 1) this.#lookIn(firstLook)
    return fit
  }

  #lookIn(ms: number): void {
    if (this.#looking || this.#failures >= mostFailures) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look(), ms)
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    this.#looking = true
    // One that begins meanwhile may find the memory of the one before it.
    const before = [...this.#running.values()]
    const used = await memoryInUse(this.#kind, this.#environment, timeLimit).catch(() => null)
    this.#looking = false
    if (used === null) this.#failures++
    else this.#failures = 0
    for (const watched of used === null ? [] : before)
      for (const { id, uuid } of watched.devices) {
        const mb = used!.get(id) ?? used!.get(uuid ?? id)
        if (mb !== undefined) watched.peak = Math.max(watched.peak ?? 0, mb)
      }
    if (this.#running.size > 0) this.#lookIn(interval)
  }
}

/** Watches the devices of these seats; null where no tool can tell. */
export function deviceMemoryOf(devices: readonly Device[], environment: Environment): DeviceMemory | null {
  const [first] = devices
  return first === undefined || first.kind === 'named' ? null : new DeviceMemory(first.kind, environment)
}
