/**
 * The numbered seats of an executor, 0 … count − 1: who needs one gets the lowest that is free.
 *
 * A seat without devices is free when its fit has ended. One with devices is free when whatever used them is gone, which may be
 * later: a thread that is being ended, a program that dies slowly.
 */
import { EspalierError } from '../errors.js'
import type { FitPlace } from '../training/index.js'
import { deviceEnvironment } from './device-environment.js'
import { type DeviceMemory, deviceMemoryOf, type WatchedFit } from './device-memory.js'
import type { ExecutorOptions, FitStart, Seat } from './types.js'

const withoutDevices: Seat = { devices: [] }

/** Whom the seats tell. */
export interface SeatEvents {
  /** A seat has become free later than its fit ended. */
  onFree?(): void
  /** Every seat is held by something that should have been gone for long. */
  onHeld(error: EspalierError): void
}

export class Seats {
  readonly #seats: readonly Seat[]
  readonly #taken: boolean[]
  readonly #events: SeatEvents
  /** ms after which what should be gone is taken to stay. */
  readonly #patience: number
  readonly #waiting: ((seat: number) => void)[] = []
  readonly #overdue = new Set<number>()
  readonly #timers = new Set<NodeJS.Timeout>()
  /** Whether devices were dealt out. */
  readonly #dealt: boolean
  readonly #memory: DeviceMemory | null

  /** @throws EspalierError USAGE where there are not as many seats as workers. */
  constructor(
    { workers, seats }: Pick<ExecutorOptions, 'workers' | 'seats'>,
    patience: number,
    events: SeatEvents,
  ) {
    if (seats !== undefined && seats.length !== workers)
      throw new EspalierError(
        'USAGE',
        `"seats" must be as many as "workers" (got ${seats.length} and ${workers})`,
      )
    this.#dealt = seats !== undefined
    this.#seats = seats ?? Array.from({ length: workers }, () => withoutDevices)
    this.#memory = deviceMemoryOf(
      this.#seats.flatMap(({ devices }) => devices),
      process.env,
    )
    this.#taken = this.#seats.map(() => false)
    this.#patience = patience
    this.#events = events
  }

  /** A free seat, which is then taken; null where there is none. */
  take(): number | null {
    const seat = this.#taken.indexOf(false)
    if (seat === -1) return null
    this.#taken[seat] = true
    return seat
  }

  /** A seat, taken as soon as one is free. */
  async wait(): Promise<number> {
    return this.take() ?? new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Gives back a seat that nobody used. */
  giveBack(seat: number): void {
    this.#release(seat)
  }

  /** @param gone resolves when nothing uses its devices any more. */
  free(seat: number, gone: Promise<unknown>): void {
    if (this.#seats[seat].devices.length === 0) {
      this.#release(seat)
      return
    }
    const timer = setTimeout(() => {
      this.#overdue.add(seat)
      if (this.#overdue.size === this.#seats.length) this.#events.onHeld(this.#held())
    }, this.#patience)
    this.#timers.add(timer)
    const release = () => {
      clearTimeout(timer)
      this.#timers.delete(timer)
      this.#overdue.delete(seat)
      this.#release(seat)
      this.#events.onFree?.()
    }
    gone.then(release, release)
  }

  /** Where a fit at this seat runs. */
  place(seat: number): FitPlace {
    const { devices, number = seat } = this.#seats[seat]
    return {
      seat: number,
      devices: this.#dealt ? devices.map(({ id }) => id) : null,
      environment: deviceEnvironment(devices, process.env),
    }
  }

  /** What is told of a fit that begins at this seat, beside its number. */
  start(seat: number): Pick<FitStart, 'devices'> {
    return this.#dealt ? { devices: this.#seats[seat].devices } : {}
  }

  /** Watches the devices of a fit that begins at this seat; null where there is nothing to see. */
  watch(seat: number): WatchedFit | null {
    return this.#memory?.begin(this.#seats[seat].devices) ?? null
  }

  /** Nobody needs a seat any more. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #release(seat: number): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken[seat] = false
    else next(seat)
  }

  #held(): EspalierError {
    const ids = this.#seats.flatMap(({ devices }) => devices.map(({ id }) => id))
    return new EspalierError(
      'DEVICES_HELD',
      `what was stopped must end, so that others can have its devices (${[...new Set(ids)].join(', ')} are all held by what has gone on for ${this.#patience / 1000} s since); make the trainer heed its signal, or run it as a program, which can be ended`,
    )
  }
}
