/** Sweep files of other tools as ones of Espalier. A tool's code is loaded where it is asked for. */
import { resolve } from 'node:path'
import { isEspalierError } from '../../errors.js'
import { checkSweep } from '../../launch/index.js'
import type { ImportedSweep, ImportOptions, SweepImporter } from './types.js'

export type { ImportedSweep, ImportOptions } from './types.js'

/** The tools whose sweep files are read. */
export type ImportedTool = 'wandb' | 'nni' | 'ray'

const importers: Readonly<Record<ImportedTool, () => Promise<SweepImporter>>> = {
  wandb: async () => (await import('./wandb/index.js')).importWandb,
  nni: async () => (await import('./nni/index.js')).importNni,
  ray: async () => (await import('./ray/index.js')).importRay,
}

/**
 * The sweep file of another tool as one of Espalier: valid, and with everything told that could not be carried over. A program that is
 * not there is told too, and is no error.
 * @throws EspalierError FILE_NOT_READABLE, JSON_INVALID; IMPORT_INVALID, with every mistake found, where it is no file of the tool;
 *   SPACE_INVALID where Espalier cannot have such a sweep.
 */
export async function importSweep(
  tool: ImportedTool,
  file: string,
  options: ImportOptions = {},
): Promise<ImportedSweep> {
  const path = resolve(file)
  const directory = options.directory ?? process.cwd()
  const imported = await (await importers[tool]())(path, { ...options, directory })
  const warnings = [...imported.warnings]
  try {
    const checked = await checkSweep(imported.sweep, resolve(directory, 'sweep.json'))
    warnings.push(...checked.warnings)
  } catch (error) {
    if (!isEspalierError(error) || error.code !== 'TRAINER_INVALID') throw error
    const remedy = tool === 'wandb' ? ', or name the interpreter with --interpreter' : ''
    warnings.push(`it does not run as it is, here: ${error.message}${remedy}`)
  }
  return { sweep: imported.sweep, warnings }
}
