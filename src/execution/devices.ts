/**
 * Which devices fits may use: all that the environment of this process allows, or those that somebody names.
 *
 * What is allowed already (by Slurm, by a container, by the user) is in `CUDA_VISIBLE_DEVICES`, `ROCR_VISIBLE_DEVICES` and
 * `HIP_VISIBLE_DEVICES`: numbers, UUIDs or beginnings of UUIDs; nothing at all means none. As with CUDA, a list ends at the
 * first entry that there is not.
 */
import { EspalierError } from '../errors.js'
import { askTools, type Environment, type KnownDevice } from './device-tools.js'
import type { Device } from './types.js'

/** `auto`: all that there are; `none`: devices are nobody's concern; else their numbers or UUIDs. */
export type AskedDevices = 'auto' | 'none' | readonly string[]

export interface FoundDevices {
  readonly devices: readonly Device[]
  /** Tools that are there and told nothing, though devices were found without them. */
  readonly warnings: readonly string[]
  /** Why there are none, in words; empty where there are. */
  readonly why: string
}

/** ms in which a tool answers: it takes seconds on a machine with many devices that nobody has used yet. */
const usualTimeLimit = 20_000

/** Lists that stand for devices where no tool tells of any. */
const lists = [
  'CUDA_VISIBLE_DEVICES',
  'HIP_VISIBLE_DEVICES',
  'ROCR_VISIBLE_DEVICES',
  'ZE_AFFINITY_MASK',
] as const

/**
 * Looks for devices; finds none where there are none.
 * @throws EspalierError DEVICES_MISSING where one that is named is not there, not allowed, or divided; USAGE where one is named twice.
 */
export async function findDevices(
  asked: AskedDevices,
  environment: Environment,
  timeLimit = usualTimeLimit,
): Promise<FoundDevices> {
  if (asked === 'none') return { devices: [], warnings: [], why: 'none were asked for' }
  if (asked !== 'auto') refuseTwice(asked, (id) => id)
  const { devices: known, faults } = await askTools(environment, timeLimit)
  if (known.length === 0) {
    const named = asked === 'auto' ? listedIn(environment) : asked
    const why =
      faults.length === 0 ? 'there is neither nvidia-smi nor rocm-smi that tells of any' : faults.join('; ')
    if (named.length === 0) return { devices: [], warnings: [], why }
    return { devices: named.map(namedDevice), warnings: faults, why: '' }
  }
  const allowed = allowedIn(known, environment)
  if (asked !== 'auto') return { devices: chosen(asked, known, allowed), warnings: [], why: '' }
  const why =
    allowed.length > 0
      ? ''
      : `the environment allows none of the ${known.length} there are (${limitOf(known, environment)})`
  return { devices: allowed.map(({ id, device, place }) => described(id, device, place)), warnings: [], why }
}

/** One that may be used, as the environment calls it. */
interface Allowed {
  readonly id: string
  readonly device: KnownDevice
  /** Its number among those that `HIP_VISIBLE_DEVICES` can name; null where numbers are the tool's. */
  readonly place: number | null
}

function allowedIn(known: readonly KnownDevice[], environment: Environment): Allowed[] {
  const whole = known.filter(({ parts }) => parts.length === 0)
  if (known[0].kind === 'cuda') {
    const listed = environment.CUDA_VISIBLE_DEVICES
    const all = whole.map((device) => ({ id: idOf(device), device, place: null }))
    return listed === undefined ? all : listedOf(listed, (entry) => allowedCuda(entry, known))
  }
  // The first list limits what there is, the second one counts in what the first leaves.
  const { ROCR_VISIBLE_DEVICES: first } = environment
  const second = environment.HIP_VISIBLE_DEVICES ?? environment.CUDA_VISIBLE_DEVICES
  const all = whole.map((device) => ({ id: idOf(device), device, place: null }))
  const left = (first === undefined ? all : listedOf(first, (entry) => matching(entry, all))).map(
    (one, place) => ({ ...one, place }),
  )
  if (second === undefined) return left
  return listedOf(second, (entry) => (/^\d+$/.test(entry) ? left[Number(entry)] : matching(entry, left)))
}

function allowedCuda(entry: string, known: readonly KnownDevice[]): Allowed | undefined {
  const device = knownAs(entry, known)
  if (device === undefined) return undefined
  // Of a divided device CUDA shows the first part.
  const [part] = device.parts
  const used = part === undefined ? device : knownAs(part, known)!
  return { id: used === device ? idAs(entry, device) : idOf(used), device: used, place: null }
}

function matching<T extends { readonly device: KnownDevice }>(
  entry: string,
  all: readonly T[],
): T | undefined {
  const device = knownAs(
    entry,
    all.map((one) => one.device),
  )
  return all.find((one) => one.device === device)
}

/** The entries of a list up to the first that there is not, each once. */
function listedOf<T extends { readonly device: KnownDevice }>(
  list: string,
  find: (entry: string) => T | undefined,
): T[] {
  const found: T[] = []
  for (const entry of list.split(',')) {
    const one = find(entry.trim())
    if (one === undefined) break
    if (!found.some(({ device }) => device === one.device)) found.push(one)
  }
  return found
}

/** The device of this number, this UUID, or the only one whose UUID begins like this. */
function knownAs(entry: string, known: readonly KnownDevice[]): KnownDevice | undefined {
  if (/^\d+$/.test(entry)) return known.find(({ index }) => index !== null && Number(index) === Number(entry))
  if (!/^(GPU|MIG)-./i.test(entry)) return undefined
  const start = entry.toLowerCase()
  const alike = known.filter(({ uuid }) => uuid?.toLowerCase().startsWith(start))
  return (
    alike.find(({ uuid }) => uuid?.toLowerCase() === start) ?? (alike.length === 1 ? alike[0] : undefined)
  )
}

function chosen(
  asked: readonly string[],
  known: readonly KnownDevice[],
  allowed: readonly Allowed[],
): readonly Device[] {
  const found = asked.map((id): Allowed => {
    const device = knownAs(id, known)
    const law = 'a device that is named must be one that can be used'
    if (device === undefined)
      throw new EspalierError('DEVICES_MISSING', `${law} (there is no ${id}); there are ${inWords(known)}`)
    if (device.parts.length > 0)
      throw new EspalierError(
        'DEVICES_MISSING',
        `${law} (${id} is divided, and not to be had whole); name its parts: ${device.parts.join(', ')}`,
      )
    const one = allowed.find((other) => other.device === device)
    if (one !== undefined) return { ...one, id: idAs(id, device) }
    const others = allowed.map((other) => other.id)
    throw new EspalierError(
      'DEVICES_MISSING',
      `${law} (${id} is there, and CUDA_VISIBLE_DEVICES or the like allows ${others.length === 0 ? 'none' : `only ${others.join(', ')}`}); name those, or start without that limit`,
    )
  })
  refuseTwice(found, ({ device }) => device.uuid ?? idOf(device))
  return found.map(({ id, device, place }) => described(id, device, place))
}

/** No two fits could be kept apart on one device that counts as two. */
function refuseTwice<T>(asked: readonly T[], idOf: (one: T) => string): void {
  const seen = new Set<string>()
  for (const one of asked) {
    const id = idOf(one)
    if (seen.has(id)) throw new EspalierError('USAGE', `each device is named once (${id} is named twice)`)
    seen.add(id)
  }
}

function described(id: string, device: KnownDevice, place: number | null): Device {
  const { kind, uuid, name, memoryMB, driver } = device
  return { id, kind, uuid, name, memoryMB, driver, ...(place !== null && { visibleAs: String(place) }) }
}

function namedDevice(id: string): Device {
  return { id, kind: 'named', uuid: null, name: null, memoryMB: null, driver: null }
}

function idOf({ index, uuid }: KnownDevice): string {
  return index ?? uuid!
}

/** As it was named, where that was by its number. */
function idAs(entry: string, device: KnownDevice): string {
  return /^\d+$/.test(entry) ? idOf(device) : (device.uuid ?? idOf(device))
}

function listedIn(environment: Environment): string[] {
  const list = lists.map((name) => environment[name]).find((one) => one !== undefined)
  const entries = (list ?? '').split(',').map((entry) => entry.trim())
  const usable = entries.findIndex((entry) => !/^(\d+(\.\d+)?|(GPU|MIG)-\S+)$/i.test(entry))
  return [...new Set(usable === -1 ? entries : entries.slice(0, usable))]
}

function limitOf([{ kind }]: readonly KnownDevice[], environment: Environment): string {
  const names =
    kind === 'cuda'
      ? lists.slice(0, 1)
      : (['ROCR_VISIBLE_DEVICES', 'HIP_VISIBLE_DEVICES', 'CUDA_VISIBLE_DEVICES'] as const)
  return names
    .flatMap((name) => (environment[name] === undefined ? [] : [`${name}=${environment[name]}`]))
    .join(', ')
}

function inWords(known: readonly KnownDevice[]): string {
  return known
    .filter(({ parts }) => parts.length === 0)
    .map((device) => (device.name === null ? idOf(device) : `${idOf(device)} (${device.name})`))
    .join(', ')
}
