/**
 * What a coordinator and its workers say to each other, and the checks of what arrives: a queue is a border, and whoever reaches it
 * can write to it.
 *
 * A fit is known by the id of its offer, which names the session of its coordinator, trial, part, attempt and delivery
 * (`s9f2c…-t12-f3-a0-d1`): what is said of an offer that nobody waits for any more is ignored. Messages of a fit are numbered,
 * so that they count once, and in their order.
 */
import { EspalierError } from '../errors.js'
import type { Device, FitRequest } from '../execution/index.js'
import { isJsonObject, type Metrics } from '../values.js'
import { decode, encode } from './codec.js'
import type { SentCheckpoint } from './sent-checkpoint.js'
import { open, sign } from './signing.js'

/** Both sides must have the same. */
export const protocolVersion = 1

/** A file that travels by its content. */
export interface SentFile {
  /** With `/` between folders, from the folder it belongs to. */
  readonly name: string
  /** SHA-256. */
  readonly digest: string
  readonly executable?: boolean
}

/** What an offer says. */
export interface FitOffer {
  readonly protocol: number
  /** The version of Espalier that asks. */
  readonly espalier: string
  /** Of the coordinator, while it lives. */
  readonly session: string
  readonly fit: string
  /** Digest of what every fit of the sweep needs (parcel.ts). */
  readonly parcel: string
  readonly request: FitRequest
  /** What an earlier start of the fit left, to go on from; its parts lie in the queue under the name of the offer (`offerOwner`). */
  readonly checkpoint: SentCheckpoint | null
}

/** Why a worker does not do what it claimed. */
export type RefusalCode = 'version' | 'unsigned' | 'parcel-missing' | 'unfit'

export type ToCoordinator = { readonly fit: string; readonly number: number } & (
  | {
      readonly kind: 'start'
      readonly worker: string
      readonly host: string
      readonly seat: number
      /** How many the worker has. */
      readonly seats: number
      readonly devices: readonly Device[]
    }
  | { readonly kind: 'report'; readonly report: number; readonly step: number; readonly metrics: Metrics }
  | { readonly kind: 'output'; readonly lines: readonly string[] }
  /** The fit has kept a checkpoint: comes before the report that comes after it. `contents`: digests of parts that lie in the queue. */
  | {
      readonly kind: 'checkpoint'
      readonly checkpoint: number
      readonly sent: SentCheckpoint
      readonly contents: readonly string[]
    }
  /** `outcome`: as parts (codec.ts), whose arrays lie in the queue by their digests. Contents are under the name of the fit. */
  | { readonly kind: 'end'; readonly outcome: string; readonly contents: readonly string[] }
  /** The worker leaves, or has no seat for it: somebody else shall do it. */
  | { readonly kind: 'given-back' }
  | {
      readonly kind: 'refused'
      readonly code: RefusalCode
      readonly message: string
      readonly worker: string
      readonly host: string
    }
  /** The coordinator's own, of no fit: it has heard what was said before it (last-words.ts). */
  | { readonly kind: 'note' }
)

export type ToWorker =
  | {
      readonly kind: 'answer'
      readonly fit: string
      readonly report: number
      readonly verdict: 'continue' | 'prune'
    }
  | { readonly kind: 'stop'; readonly fit: string; readonly reason: 'prune' | 'abort' }
  /** The coordinator has this checkpoint, with all its files. */
  | { readonly kind: 'kept'; readonly fit: string; readonly checkpoint: number }
  /** It gives its fits back and ends. */
  | { readonly kind: 'leave'; readonly by: string }

/** Of a coordinator: it lives as long as what it says changes. */
export interface SweepAnnouncement {
  readonly session: string
  /** The id of the sweep, where it is on record already. */
  readonly sweep: string | null
  /** What its user calls it. */
  readonly name: string | null
  readonly host: string
  readonly beat: number
  /** What it has put into the queue. */
  readonly contents: readonly string[]
}

/** A fit that a worker is at. */
export interface AnnouncedFit {
  /** The id of its offer. */
  readonly fit: string
  /** Of its coordinator. */
  readonly session: string
  readonly seat: number
  readonly trial: number
  /** How long it has been at it, in ms of its own clock. */
  readonly ms: number
}

/** Of a worker: who it is, what it has, and at what it is. */
export interface WorkerAnnouncement {
  readonly worker: string
  readonly host: string
  readonly user: string
  readonly pid: number
  readonly espalier: string
  readonly node: string
  readonly seats: readonly { readonly devices: readonly Device[] }[]
  /** What runs now. */
  readonly fits: readonly AnnouncedFit[]
  /** How long it has been serving, in ms of its own clock. */
  readonly ms: number
  /** Fits it has ended. */
  readonly done: number
  readonly beat: number
}

export const boxOf = {
  session: (session: string) => `session-${session}`,
  worker: (worker: string) => `worker-${worker}`,
}

/** What names of all offers of a session begin with, before a `-`. */
export function sessionPart(session: string): string {
  return `s${session}`
}

/** Whose the contents are that go with an offer. */
export function offerOwner(fit: string): string {
  return `${fit}-offer`
}

type Kind = 'text' | 'text or null' | 'number' | 'number or null' | 'object' | 'object or null' | 'list'
type Shape = Readonly<Record<string, Kind>>

const offerShape: Shape = {
  protocol: 'number',
  espalier: 'text',
  session: 'text',
  fit: 'text',
  parcel: 'text',
  request: 'object',
  checkpoint: 'object or null',
}

const toCoordinator: Readonly<Record<ToCoordinator['kind'], Shape>> = {
  start: { worker: 'text', host: 'text', seat: 'number', seats: 'number', devices: 'list' },
  report: { report: 'number', step: 'number', metrics: 'object' },
  output: { lines: 'list' },
  checkpoint: { checkpoint: 'number', sent: 'object', contents: 'list' },
  end: { outcome: 'text', contents: 'list' },
  'given-back': {},
  refused: { code: 'text', message: 'text', worker: 'text', host: 'text' },
  note: {},
}

const fromCoordinator: Readonly<Record<ToWorker['kind'], Shape>> = {
  answer: { fit: 'text', report: 'number', verdict: 'text' },
  stop: { fit: 'text', reason: 'text' },
  kept: { fit: 'text', checkpoint: 'number' },
  leave: { by: 'text' },
}

const announcements = {
  sweep: {
    session: 'text',
    sweep: 'text or null',
    name: 'text or null',
    host: 'text',
    beat: 'number',
    contents: 'list',
  },
  worker: {
    worker: 'text',
    host: 'text',
    user: 'text',
    pid: 'number',
    espalier: 'text',
    node: 'text',
    seats: 'list',
    fits: 'list',
    ms: 'number',
    done: 'number',
    beat: 'number',
  },
} as const satisfies Record<string, Shape>

const fitShape: Shape = { fit: 'text', session: 'text', seat: 'number', trial: 'number', ms: 'number' }
const deviceShape: Shape = {
  id: 'text',
  kind: 'text',
  name: 'text or null',
  memoryMB: 'number or null',
  driver: 'text or null',
  uuid: 'text or null',
}

/** Writes and reads messages, signed where there is a secret. Reading throws MESSAGE_INVALID for what is not as agreed, and MESSAGE_UNSIGNED. */
export class Letters {
  readonly #secret: string | null

  constructor(secret: string | null) {
    this.#secret = secret
  }

  offer(offer: FitOffer): string {
    return sign('offer', encode(offer), this.#secret)
  }

  readOffer(text: string): FitOffer {
    const offer = checked(decode(open('offer', text, this.#secret)), offerShape, 'an offer')
    checkNames(offer as unknown as FitOffer)
    return offer as unknown as FitOffer
  }

  toCoordinator(session: string, message: ToCoordinator): string {
    return sign(boxOf.session(session), encode(message), this.#secret)
  }

  readToCoordinator(session: string, text: string): ToCoordinator {
    const common: Shape = { fit: 'text', number: 'number' }
    return this.#read(boxOf.session(session), text, toCoordinator, common) as ToCoordinator
  }

  toWorker(worker: string, message: ToWorker): string {
    return sign(boxOf.worker(worker), encode(message), this.#secret)
  }

  readToWorker(worker: string, text: string): ToWorker {
    return this.#read(boxOf.worker(worker), text, fromCoordinator, {}) as ToWorker
  }

  announceSweep(announcement: SweepAnnouncement): string {
    return sign('sweep', encode(announcement), this.#secret)
  }

  readSweep(text: string): SweepAnnouncement {
    return this.#announcement('sweep', text) as unknown as SweepAnnouncement
  }

  announceWorker(announcement: WorkerAnnouncement): string {
    return sign('worker', encode(announcement), this.#secret)
  }

  readWorker(text: string): WorkerAnnouncement {
    const found = this.#announcement('worker', text)
    for (const fit of found.fits as readonly unknown[]) checked(fit, fitShape, 'a fit of a worker')
    for (const seat of found.seats as readonly unknown[]) {
      const { devices } = checked(seat, { devices: 'list' }, 'a seat of a worker')
      for (const device of devices as readonly unknown[]) checked(device, deviceShape, 'a device of a worker')
    }
    return found as unknown as WorkerAnnouncement
  }

  #announcement(kind: 'sweep' | 'worker', text: string): Readonly<Record<string, unknown>> {
    return checked(
      decode(open(kind, text, this.#secret)),
      announcements[kind],
      `the announcement of a ${kind}`,
    )
  }

  #read(purpose: string, text: string, shapes: Readonly<Record<string, Shape>>, common: Shape): unknown {
    const message = decode(open(purpose, text, this.#secret))
    const kind = isJsonObject(message) ? message.kind : undefined
    if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind))
      throw invalid(`a message is of a kind that is known (got ${JSON.stringify(kind) ?? 'none'})`)
    return checked(message, { ...common, ...shapes[kind] }, `the message "${kind}"`)
  }
}

/** Folders of a worker are named after these. */
function checkNames({ session, request: { trial, part } }: FitOffer): void {
  if (!/^[0-9a-f]+$/.test(session)) throw invalid('a session is named by a hexadecimal number')
  if (!isCount(trial)) throw invalid('the trial of an offer is a whole number')
  const found: Readonly<Record<string, unknown>> = isJsonObject(part) ? part : {}
  const { kind, fold = 0, answer = 0 } = found
  if (!isWord(kind) || !isCount(fold) || !isCount(answer))
    throw invalid('a fit is a fold, or another part of a trial that has a name')
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z-]+$/.test(value)
}

function checked(value: unknown, shape: Shape, what: string): Readonly<Record<string, unknown>> {
  if (!isJsonObject(value)) throw invalid(`${what} is an object (got ${typeof value})`)
  const found = value as Readonly<Record<string, unknown>>
  for (const [name, kind] of Object.entries(shape))
    if (!isOf(kind, found[name]))
      throw invalid(`"${name}" of ${what} is a ${kind} (got ${typeof found[name]})`)
  return found
}

function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string'
    case 'text or null':
      return value === null || typeof value === 'string'
    case 'number':
      return typeof value === 'number'
    case 'number or null':
      return value === null || typeof value === 'number'
    case 'object or null':
      return value === null || isJsonObject(value)
    case 'object':
      return isJsonObject(value)
    case 'list':
      return Array.isArray(value)
  }
}

function invalid(law: string): EspalierError {
  return new EspalierError(
    'MESSAGE_INVALID',
    `${law}; was it written by Espalier, and by this version of it?`,
  )
}
