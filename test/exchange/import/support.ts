/** Imports texts and fixtures, and draws from what comes of them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ImportedTool, importSweep } from '../../../src/exchange/index.js'
import { randomStream } from '../../../src/numeric/index.js'
import { parseSweepFile, sampleParams } from '../../../src/space/index.js'
import type { JsonObject, JsonValue } from '../../../src/values.js'
import { temporaryFolder } from '../../temporary.js'

export const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

export interface Imported {
  readonly sweep: JsonObject
  readonly warnings: readonly string[]
  readonly parameters: Readonly<Record<string, JsonValue>>
}

/** What is said of programs that this machine has not is left out. As the fixture's own folder is where the sweep file goes, "directory" is left out. */
export async function importFixture(tool: ImportedTool, name: string): Promise<Imported> {
  const imported = await importSweep(tool, fixture(name), { directory: fixture('') })
  const warnings = imported.warnings.filter((warning) => !/^it does not run|^program:/.test(warning))
  return { ...imported, warnings, parameters: imported.sweep.parameters as Record<string, JsonValue> }
}

export async function importText(
  tool: ImportedTool,
  text: string,
  ending: 'yaml' | 'json',
): Promise<Imported> {
  const directory = temporaryFolder()
  const file = join(directory, `it.${ending}`)
  writeFileSync(file, text)
  // What runs the script is there on every machine.
  const imported = await importSweep(tool, file, { directory, interpreter: process.execPath })
  return { ...imported, parameters: imported.sweep.parameters as Record<string, JsonValue> }
}

/** Values of the parameter `x`, as a random search draws them, and both ends of the scale. */
export async function drawn(parameter: JsonValue, count: number): Promise<JsonValue[]> {
  const { space } = await parseSweepFile({ parameters: { x: parameter } })
  return Array.from({ length: count }, (_, i) => sampleParams(space, randomStream(7, 'preview', i)).x)
}
