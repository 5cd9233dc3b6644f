/**
 * What every fit of a sweep needs, made ready to travel: the plan with its data, and the code. It is content in the queue, known
 * by its digest; a worker fetches each piece once.
 */
import { EspalierError } from '../errors.js'
import type { ExecutorSetup } from '../execution/index.js'
import type { FitPlan } from '../training/index.js'
import { isJsonObject } from '../values.js'
import { type CodeOf, codeOf } from './code.js'
import { decodeParts, encodeParts } from './codec.js'
import { digestOf } from './digest.js'

/** As it travels. */
export interface Parcel {
  readonly plan: FitPlan
  readonly memoryLimit: number | null
  readonly grace: number | null
  /** Devices a fit holds, or the share of one. */
  readonly devicesPerFit: number
  readonly code: CodeOf
}

export interface PackedParcel {
  /** Of its text. */
  readonly digest: string
  /** All that belongs to it, its text among them, by digest. */
  readonly contents: ReadonlyMap<string, Uint8Array>
}

/** Throws USAGE where the trainer lives in this process alone. */
export async function packParcel({
  plan,
  memoryLimit,
  grace,
  devicesPerFit = 0,
}: ExecutorSetup): Promise<PackedParcel> {
  const { code, files } = await codeOf(plan)
  const parcel: Parcel = { plan, memoryLimit, grace: grace ?? null, devicesPerFit, code }
  const { text, blobs } = encodeParts(parcel)
  const content = new TextEncoder().encode(text)
  const digest = digestOf(content)
  return { digest, contents: new Map([...files, ...blobs, [digest, content]]) }
}

/**
 * @param get content by its digest; null where it is not to be had.
 * @throws EspalierError MESSAGE_INVALID; null where content is missing.
 */
export async function unpackParcel(
  digest: string,
  get: (digest: string) => Promise<Uint8Array | null>,
): Promise<Parcel | null> {
  const text = await get(digest)
  if (text === null) return null
  let missing = false
  const parcel = await decodeParts(new TextDecoder().decode(text), async (one) => {
    const found = await get(one)
    if (found === null) missing = true
    return found ?? new Uint8Array(0)
  })
  if (missing) return null
  if (!isJsonObject(parcel) || !isJsonObject(parcel.plan) || !isJsonObject(parcel.code))
    throw new EspalierError('MESSAGE_INVALID', 'a parcel holds a plan and its code (what arrived does not)')
  return parcel as unknown as Parcel
}
