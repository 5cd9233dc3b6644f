/** Directories for a test, removed with it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []

export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'espalier-store-'))
  made.push(path)
  return path
}

afterAll(async () => {
  for (const path of made.splice(0)) await rm(path, { recursive: true, force: true })
})
