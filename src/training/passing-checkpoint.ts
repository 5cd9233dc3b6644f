/** The checkpoint folder of a fit of which nobody keeps anything: among the temporary files, gone with the fit. */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FitCheckpoint } from './plan.js'

export class PassingCheckpoint implements FitCheckpoint {
  readonly reports = []
  readonly left = []
  #folder: string | null = null

  get folder(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'espalier-checkpoint-'))
    return this.#folder
  }

  async keep(): Promise<void> {}

  async end(): Promise<void> {
    const folder = this.#folder
    if (folder === null) return
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
  }
}
