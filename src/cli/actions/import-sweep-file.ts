/** `import wandb|nni|ray`: writes the sweep file, or prints it, and tells what could not be carried over. */
import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { plain, print, printJson, say } from '../output.js'
import { called, shellWord, shortest } from './common.js'

interface Typed {
  readonly out?: string
  readonly force?: boolean
  readonly json?: boolean
  readonly interpreter?: string
}

export async function importSweepFile(
  tool: 'wandb' | 'nni' | 'ray',
  file: string,
  { out, force = false, json = false, interpreter }: Typed,
): Promise<void> {
  const { importSweep } = await import('../../exchange/index.js')
  if (out !== undefined) await (await import('../../launch/index.js')).checkFileToWrite(out, force, true)
  const directory = out === undefined ? process.cwd() : dirname(out)
  const { sweep, warnings } = await importSweep(tool, file, { directory, interpreter })
  const text = JSON.stringify(sweep, null, 2)
  if (out !== undefined) await writeFile(out, `${text}\n`)
  if (json) return printJson({ sweep, warnings })
  for (const warning of warnings) say(`warning: ${plain(warning)}`)
  if (out === undefined) return print(text)
  say(`${plain(shortest(out))} is written; next: ${called} sweep ${shellWord(plain(shortest(out)))}`)
}
