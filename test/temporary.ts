/** Folders for a test file, gone when it has ended (setup.ts). */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []

export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'espalier-test-'))
  made.push(path)
  return path
}

export async function temporaryDirectory(): Promise<string> {
  return temporaryFolder()
}

export async function removeTemporary(): Promise<void> {
  for (const path of made.splice(0)) await rm(path, { recursive: true, force: true, maxRetries: 3 })
}
