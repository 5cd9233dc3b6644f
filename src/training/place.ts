/** Where a fit runs: its seat, and the devices that it may use there. */

/** Never reaches a result. */
export interface FitPlace {
  /** The seat it holds, by number. */
  readonly seat: number
  /** Ids of the devices it may use: all others are to be left alone. null: nobody has dealt out devices. */
  readonly devices: readonly string[] | null
  /** What programs and threads find these devices by: `CUDA_VISIBLE_DEVICES` and the like. */
  readonly environment: Readonly<Record<string, string>>
}
