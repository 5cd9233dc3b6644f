/** Devices dealt out: which seats there are, and what each holds. */
import { EspalierError } from '../errors.js'
import type { Device, Seat } from './types.js'

/** More fits than that at a time only bring a machine down. */
const mostSeats = 256

/**
 * As many seats as the devices are enough for; what is left over is held by none.
 * @param each devices a seat holds: a whole number, or a share of one. Of a share of 0.3 three seats fit on a device. Seats that share a
 *   device are far from each other in their order: the first ones have devices of their own.
 * @throws EspalierError USAGE where `each` is neither, DEVICES_MISSING where there are too few for one seat.
 */
export function seatsOf(devices: readonly Device[], each: number): Seat[] {
  if (!(each > 0) || (each > 1 && !Number.isInteger(each)))
    throw new EspalierError(
      'USAGE',
      `a fit holds a whole number of devices, or a share of one such as 0.5 (got ${each}); name one of these with --devices-per-fit`,
    )
  if (devices.length < each)
    throw new EspalierError(
      'DEVICES_MISSING',
      `there must be as many devices as a fit holds (${each}; there ${devices.length === 1 ? 'is' : 'are'} ${listed(devices)}); lower --devices-per-fit, or run without devices: --devices none`,
    )
  if (each < 1) {
    // A share that is not exact in binary, such as 1/3 written out, is meant.
    const sharing = Math.min(mostSeats, Math.floor(1 / each + 1e-9))
    return Array.from({ length: sharing }, () => devices.map((device) => ({ devices: [device] }))).flat()
  }
  const seats = Math.floor(devices.length / each)
  return Array.from({ length: seats }, (_, seat) => ({
    devices: devices.slice(seat * each, (seat + 1) * each),
  }))
}

function listed(devices: readonly Device[]): string {
  return devices.length === 0 ? 'none' : `only ${devices.map(({ id }) => id).join(', ')}`
}
