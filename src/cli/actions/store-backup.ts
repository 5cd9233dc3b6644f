/** `store backup DIR`: a copy of the store. */
import * as format from '../format.js'
import { plain, print, printJson, say } from '../output.js'
import { openStoreOf } from './common.js'

export async function backUpStore(
  directory: string,
  options: { store?: string; json?: boolean },
): Promise<void> {
  const store = await openStoreOf(options)
  const copied = await store.backup(directory)
  for (const sweep of copied.damaged)
    say(`warning: sweep ${sweep} is damaged, and was copied as it is; espalier store check says where`)
  if (options.json) return printJson(copied)
  const { sweeps, files, bytes } = copied
  print(
    `copied ${format.count(sweeps, 'sweep')} (${format.count(files, 'file')}, ${format.bytes(bytes)}) to ${plain(copied.directory)}`,
  )
}
