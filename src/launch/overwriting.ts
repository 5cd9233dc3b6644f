/** A file that a command writes is not to take the place of one that is there, unless that is meant. */
import { access } from 'node:fs/promises'
import { EspalierError } from '../errors.js'

export function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

/** Throws USAGE where the file is there, unless forced. `option` names another. */
export async function refuseOverwriting(file: string, force: boolean, option: string): Promise<void> {
  if (!force && (await isThere(file)))
    throw new EspalierError(
      'USAGE',
      `a file that is there is not written over (${file} is); name another with ${option}, or add --force`,
    )
}
