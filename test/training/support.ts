/** Files and data sets for the tests of training. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type Dataset, readDataset, type Task } from '../../src/data/index.js'
import type { EspalierError } from '../../src/errors.js'

export function example(name: string): string {
  return fileURLToPath(new URL(`../../search-spaces/data/${name}.csv`, import.meta.url))
}

const loaded = new Map<string, Promise<Dataset>>()

/** One of the example data sets, read once. */
export function exampleData(name: string, target: string, task?: Task): Promise<Dataset> {
  const key = `${name} ${target} ${task}`
  if (!loaded.has(key)) {
    loaded.set(
      key,
      readDataset(example(name), { target, task }).then(({ dataset }) => dataset),
    )
  }
  return loaded.get(key)!
}

/** A file that is gone after the test. */
export function temporaryFile(name: string, content: string | Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), 'espalier-training-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, name)
  writeFileSync(file, content)
  return file
}

/** The error a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<EspalierError> {
  return promise.then(
    (value) => {
      throw new Error(`resolved with ${JSON.stringify(value)}`)
    },
    (error) => error,
  )
}
