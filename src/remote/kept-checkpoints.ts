/**
 * The last checkpoint of each fit as its coordinator keeps it: in the store, where that of a fit on this machine would be, so that whoever
 * goes on with the sweep, here or elsewhere, goes on from it.
 */
import { copyFile, link } from 'node:fs/promises'
import {
  bytesOf,
  type CheckpointFile,
  checkpointFile,
  checkpointOf,
  type FitRequest,
  installCheckpoint,
  isCheckpointOf,
  nextNumber,
  readCheckpoint,
  reserveRoom,
} from '../execution/index.js'
import type { FitPlan } from '../training/index.js'
import { checkSent, notAsKept, type SentCheckpoint, sendCheckpoint, writeParts } from './sent-checkpoint.js'

type Get = (digest: string) => Promise<Uint8Array | null>

export class KeptCheckpoints {
  readonly #plan: FitPlan

  constructor(plan: FitPlan) {
    this.#plan = plan
  }

  /**
   * Keeps what a worker has sent: answers the folder of the whole checkpoint; null where it is too large.
   * @throws EspalierError CHECKPOINT_DAMAGED, MESSAGE_INVALID where it is not what it should be, or not all there; the one before stays.
   */
  async keep(request: FitRequest, given: unknown, get: Get): Promise<string | null> {
    const { checkpoints, seed } = this.#plan
    const sent = checkSent(given)
    const { checkpoint } = sent
    if (checkpoints === undefined) return null
    if (!isCheckpointOf(checkpoint, request, seed)) throw notAsKept('it is of another fit')
    const number = await nextNumber(checkpoints, request)
    const making = await reserveRoom({
      plan: checkpoints,
      owner: request,
      number,
      bytes: bytesOf(checkpoint),
    })
    if (making === null) return null
    const before = await this.#before(request)
    const bring = async (file: CheckpointFile, path: string) => {
      const known = before?.get(file.sha256)
      if (known === undefined) await writeParts(file, path, sent, get)
      else await link(known, path).catch(() => copyFile(known, path))
    }
    return installCheckpoint(checkpoints, request, checkpoint, bring, making)
  }

  /**
   * Makes the last checkpoint of a fit ready to go with its offer; null where there is none.
   * @throws EspalierError CHECKPOINT_DAMAGED where it is not as it was written.
   */
  async give(
    request: FitRequest,
    put: (digest: string, content: Uint8Array) => Promise<void>,
  ): Promise<SentCheckpoint | null> {
    const folder = await this.#folder(request)
    return folder === null ? null : sendCheckpoint(folder, new Set(), put)
  }

  async #folder(request: FitRequest): Promise<string | null> {
    const { checkpoints } = this.#plan
    return checkpoints === undefined ? null : checkpointOf(checkpoints, request)
  }

  /** Where the files of the last one lie, by SHA-256. */
  async #before(request: FitRequest): Promise<ReadonlyMap<CheckpointFile['sha256'], string> | null> {
    const folder = await this.#folder(request)
    if (folder === null) return null
    const checkpoint = await readCheckpoint(folder).catch(() => null)
    return new Map(checkpoint?.files.map(({ name, sha256 }) => [sha256, checkpointFile(folder, name)]))
  }
}
