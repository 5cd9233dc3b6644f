/**
 * Under what a run took place. The record holds plain JSON; it is read through the two readers here, which vouch for the
 * types of all they name.
 */
import { EspalierError } from '../errors.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../values.js'

/** Why the search suggested a trial: the rule in one word, the rest is the searcher's own. */
export type TrialOrigin = JsonObject & { readonly rule: string }

/** Why a trial was stopped. `reason` says it in a sentence; the rest is the pruner's own. */
export type PrunedBecause = JsonObject & {
  readonly rule: string
  /** Where it was stopped. */
  readonly step: number
  readonly value: number
  readonly bound: number
  readonly reason: string
}

/** What is known of a trial when it starts. */
export interface StartConditions {
  readonly trial?: number
  /** The sweep's seed. */
  readonly seed?: number
  readonly origin?: TrialOrigin
  /** How many outcomes its suggestion knew of, where the sweep goes by arrival and trials are pruned. */
  readonly knew?: number
}

/**
 * Where and when the fits of a trial's last attempt ran, one place in each list a fit, in the order of the folds: its seat,
 * and ms since that attempt began. One that was still running when the trial was decided ran until then.
 */
export type FitSpans = {
  readonly seats: readonly number[]
  readonly from: readonly number[]
  readonly to: readonly number[]
  /** Ids of the devices that each fit held, where there are devices. */
  readonly devices?: readonly (readonly string[])[]
  /** Megabytes at most in use on one of its devices while each fit ran, by whomever; null where that was not looked at. */
  readonly peakDeviceMemoryMB?: readonly (number | null)[]
  /** Of fits that ran on other machines: the worker of each, with the devices that it held; null for one that ran here. */
  readonly workers?: readonly (FitWorker | null)[]
  /** Workers on other machines that vanished while they had each fit, in their order: it was done again. */
  readonly lost?: readonly (readonly LostWorker[])[]
}

/** A worker that vanished; `ms` since the attempt began, when it was missed. */
export type LostWorker = {
  readonly id: string
  readonly host: string
  readonly ms: number
}

/** Where a fit ran. */
export type FitWorker = {
  readonly id: string
  readonly host: string
  readonly devices?: readonly RecordedDevice[]
}

/** What is known of a trial only since it ran. */
export interface EndConditions {
  /** Missing where an executor does not tell, and on records of earlier versions. */
  readonly fits?: FitSpans
  /** Its place in the order of arrival, where the sweep goes by that. */
  readonly arrival?: number
  /** Where the objective was best, of a trial that reported it by step. */
  readonly bestStep?: { readonly step: number; readonly value: number }
  readonly pruned?: PrunedBecause
  /** It was stopped at its time limit, and the best of its steps is its value: the last step it came to. */
  readonly stoppedAtLimit?: { readonly step: number; readonly limitSeconds: number }
  /** Attempts that went on from a checkpoint: the last step that was in it, and the fold where there are several fits. */
  readonly continued?: readonly {
    readonly attempt: number
    readonly step: number
    readonly fold?: number
  }[]
  /** SHA-256 of its out-of-fold predictions. */
  readonly predictionsDigest?: string
}

export interface TrialConditions extends StartConditions, EndConditions {}

/** What a session of a sweep ran under: machine, versions, sources, command line, and what it took. */
export interface SessionConditions {
  readonly espalier?: string | null
  readonly node?: string
  readonly v8?: string
  readonly platform?: string
  readonly release?: string
  readonly arch?: string
  readonly cpu?: string
  readonly cpus?: number
  readonly parallelism?: number
  readonly memoryBytes?: number
  readonly timeZone?: string
  readonly environment?: JsonObject
  readonly git?: JsonObject | null
  readonly lockfile?: JsonValue
  readonly packages?: JsonObject
  readonly commandLine?: JsonValue
  readonly workingDirectory?: string
  /** Who ran it, and where. */
  readonly user?: string
  readonly host?: string
  /** Workers it ran with. */
  readonly workers?: number
  /** Devices that its fits had. */
  readonly devices?: readonly RecordedDevice[]
  /** Devices a fit held, or the share of one. */
  readonly devicesPerFit?: number
  /** Trials it was to come to, where it went on with a sweep. */
  readonly trials?: number
  /** What had changed since the session before, in words. */
  readonly changes?: readonly string[]
  readonly cpuSeconds?: number
  readonly peakMemoryBytes?: number
}

/** A device that fits had. */
export type RecordedDevice = {
  /** A number or a UUID, as it was named. */
  readonly id: string
  readonly kind: string
  readonly name: string | null
  readonly memoryMB: number | null
  readonly driver: string | null
  readonly uuid: string | null
}

/** What is recorded of a device. */
export function recordedDevice({ id, kind, name, memoryMB, driver, uuid }: RecordedDevice): RecordedDevice {
  return { id, kind, name, memoryMB, driver, uuid }
}

interface Kind {
  readonly law: string
  readonly keeps: (value: JsonValue) => boolean
}

const number: Kind = { law: 'a number', keeps: (value) => typeof value === 'number' }
const text: Kind = { law: 'a text', keeps: (value) => typeof value === 'string' }
const textOrNull: Kind = { law: 'a text or null', keeps: (value) => value === null || text.keeps(value) }
const object: Kind = { law: 'an object', keeps: isJsonObject }
const objectOrNull: Kind = {
  law: 'an object or null',
  keeps: (value) => value === null || isJsonObject(value),
}
const texts: Kind = {
  law: 'a list of texts',
  keeps: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
}

const numbers: Kind = {
  law: 'a list of numbers',
  keeps: (value) => Array.isArray(value) && value.every((one) => typeof one === 'number'),
}

const starts: Kind = {
  law: 'a list of objects with the numbers "attempt" and "step"',
  keeps: (value) =>
    Array.isArray(value) &&
    value.every(
      (one) => isJsonObject(one) && typeof one.attempt === 'number' && typeof one.step === 'number',
    ),
}

const spanLists = ['seats', 'from', 'to'] as const
const spans: Kind = {
  law: 'an object with lists "seats", "from" and "to" of as many numbers each, and perhaps "devices", "peakDeviceMemoryMB", "workers" and "lost"',
  keeps: (value) =>
    isJsonObject(value) &&
    spanLists.every((name) => Object.hasOwn(value, name) && numbers.keeps(value[name])) &&
    new Set(spanLists.map((name) => (value[name] as readonly number[]).length)).size === 1 &&
    isListFor(value, 'devices', texts.keeps) &&
    isListFor(value, 'peakDeviceMemoryMB', (one) => one === null || number.keeps(one)) &&
    isListFor(value, 'workers', (one) => one === null || fitWorker.keeps(one)) &&
    isListFor(value, 'lost', (one) => lostWorkers.keeps(one)),
}

/** Whether the list of this name, where there is one, has an entry of this kind for each fit. */
function isListFor(fits: object, name: string, keeps: (one: JsonValue) => boolean): boolean {
  if (!Object.hasOwn(fits, name)) return true
  const { seats, [name]: list } = fits as Record<string, JsonValue>
  return Array.isArray(list) && list.length === (seats as readonly number[]).length && list.every(keeps)
}

const numberOrNull: Kind = {
  law: 'a number or null',
  keeps: (value) => value === null || number.keeps(value),
}

function listOf(kind: Kind): Kind {
  return {
    law: `a list, each entry of it ${kind.law}`,
    keeps: (value) => Array.isArray(value) && value.every(kind.keeps),
  }
}

/** An object that has these entries, and maybe others. */
function objectWith(entries: Readonly<Record<string, Kind>>): Kind {
  const names = Object.keys(entries)
  return {
    law: `an object with ${names.map((name) => `"${name}" (${entries[name].law})`).join(', ')}`,
    keeps: (value) =>
      isJsonObject(value) &&
      names.every((name) => Object.hasOwn(value, name) && entries[name].keeps(value[name])),
  }
}

const recordedDevices = listOf(
  objectWith({
    id: text,
    kind: text,
    name: textOrNull,
    memoryMB: numberOrNull,
    driver: textOrNull,
    uuid: textOrNull,
  }),
)

const fitWorker: Kind = {
  law: 'a worker with "id" and "host", and perhaps "devices"',
  keeps: (value) =>
    objectWith({ id: text, host: text }).keeps(value) &&
    (!isJsonObject(value) || !Object.hasOwn(value, 'devices') || recordedDevices.keeps(value.devices)),
}

const lostWorkers = listOf(objectWith({ id: text, host: text, ms: number }))

type Kinds<T> = { readonly [K in keyof Required<T>]: Kind | null }

const trialKinds: Kinds<TrialConditions> = {
  trial: number,
  seed: number,
  origin: objectWith({ rule: text }),
  knew: number,
  fits: spans,
  arrival: number,
  bestStep: objectWith({ step: number, value: number }),
  pruned: objectWith({ rule: text, step: number, value: number, bound: number, reason: text }),
  stoppedAtLimit: objectWith({ step: number, limitSeconds: number }),
  continued: starts,
  predictionsDigest: text,
}

const sessionKinds: Kinds<SessionConditions> = {
  espalier: textOrNull,
  node: text,
  v8: text,
  platform: text,
  release: text,
  arch: text,
  cpu: text,
  cpus: number,
  parallelism: number,
  memoryBytes: number,
  timeZone: text,
  environment: object,
  git: objectOrNull,
  lockfile: null,
  packages: object,
  commandLine: null,
  workingDirectory: text,
  user: text,
  host: text,
  workers: number,
  devices: recordedDevices,
  devicesPerFit: number,
  trials: number,
  changes: texts,
  cpuSeconds: number,
  peakMemoryBytes: number,
}

/**
 * A trial's conditions as recorded. Entries with other names stay where they are.
 * @throws STORE_CORRUPT where an entry is not what its name says.
 */
export function trialConditions(recorded: object, run: string): TrialConditions {
  return checked(recorded, trialKinds, run)
}

/** The same for those of a session. */
export function sessionConditions(recorded: object, run: string): SessionConditions {
  return checked(recorded, sessionKinds, run)
}

function checked<T>(recorded: object, kinds: Kinds<T>, run: string): T {
  for (const [name, value] of Object.entries(recorded)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof T] : null
    if (kind === null || kind.keeps(value)) continue
    const found = JSON.stringify(value).slice(0, 80)
    throw new EspalierError(
      'STORE_CORRUPT',
      `"${name}" among the conditions of a run must be ${kind.law} (got ${found} in run ${run}); put the record back from a copy, or delete the run: espalier runs delete ${run}`,
    )
  }
  return recorded as T
}
