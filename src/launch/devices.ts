/** The devices of a session: what was asked for, what there is, and the seats that come of it. */
import { EspalierError } from '../errors.js'
import { type AskedDevices, type Device, findDevices, type Seat, seatsOf } from '../execution/index.js'
import { type FitPlan, namesDevices } from '../training/index.js'
import type { SweepSpec } from './spec/types.js'
import type { LaunchHooks, SweepOverrides } from './types.js'

/** Devices that are dealt out. */
export interface DealtDevices {
  readonly devices: readonly Device[]
  /** Devices a fit holds, or the share of one. */
  readonly each: number
  readonly seats: readonly Seat[]
  readonly warnings: readonly string[]
}

export type DeviceOptions = Pick<SweepOverrides, 'devices' | 'devicesPerFit'>

/**
 * Null where fits have no devices: where nobody asks for any, and where nobody needs those that are not there. Where fits run
 * elsewhere, devices of this machine are looked for only if somebody names them.
 * @throws EspalierError as `findDevices` and `seatsOf` do; DEVICES_MISSING where a fit needs one and there is none.
 */
export async function dealDevices(
  { resources }: Pick<SweepSpec, 'resources'>,
  { devices: given, devicesPerFit }: DeviceOptions,
  { executor }: Pick<LaunchHooks, 'executor'>,
): Promise<DealtDevices | null> {
  const needed = devicesPerFit ?? resources.devices
  if (given === undefined && (needed === 0 || executor !== undefined)) return null
  const asked = checked(given ?? 'auto')
  if (asked === 'none' || devicesPerFit === 0) return null
  const { devices, warnings, why } = await findDevices(asked, process.env)
  if (devices.length > 0) {
    const each = needed === 0 ? 1 : needed
    const seats = seatsOf(devices, each)
    const left = devices.filter((device) => !seats.some((seat) => seat.devices.includes(device)))
    const idle = `${left.map(({ id }) => id).join(', ')} of the devices are left over, as each fit holds ${each}`
    return { devices, each, seats, warnings: left.length === 0 ? warnings : [...warnings, idle] }
  }
  if (needed === 0) return null
  throw new EspalierError(
    'DEVICES_MISSING',
    `a fit holds ${needed} ${needed === 1 ? 'device' : 'devices'} while it runs, and none were found (${why}); name them (--devices 0,1), or run without: --devices none`,
  )
}

/** What is to be told where no devices are dealt out: a program that is told which it has is told of none. */
export function noDevicesWarnings({
  trainer,
  parameters = [],
}: Pick<FitPlan, 'trainer' | 'parameters'>): string[] {
  return trainer.kind === 'command' && namesDevices(trainer.command, parameters)
    ? [
        '{device} in the command is empty where fits hold no devices; say that each holds one: "resources": {"devices": 1} in the sweep file, or --devices auto',
      ]
    : []
}

/** Texts that are no names of devices are refused: they are what `CUDA_VISIBLE_DEVICES` and the like could not hold. */
function checked(asked: AskedDevices | string): AskedDevices {
  if (asked === 'auto' || asked === 'none') return asked
  const list = typeof asked === 'string' ? [asked] : asked
  const wrong = list.find((id) => !/^[\w.:/-]+$/.test(id))
  if (typeof asked !== 'string' && list.length > 0 && wrong === undefined) return list
  throw new EspalierError(
    'USAGE',
    `"devices" must be "auto", "none", or a list of numbers or UUIDs of devices (got ${JSON.stringify(wrong ?? asked)})`,
  )
}

/** How many of the seats are used: all that can ever be, unless fewer are asked for. */
export function seatsUsed(
  { seats, each }: DealtDevices,
  asked: number | undefined,
  most: (workers: number) => number,
): readonly Seat[] {
  if (asked !== undefined && asked > seats.length)
    throw new EspalierError(
      'USAGE',
      `there are as many workers as seats with devices, or fewer (got ${asked} workers, and ${seats.length} ${seats.length === 1 ? 'seat' : 'seats'} with ${each} ${each === 1 ? 'device' : 'devices'} each); lower --workers, or --devices-per-fit`,
    )
  return seats.slice(0, most(asked ?? seats.length))
}
