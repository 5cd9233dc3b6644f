/** Where an imported program runs: paths in the other tool's file start from a folder that the file does not name. */
import { dirname, relative, resolve, sep } from 'node:path'
import { isThere } from '../../launch/index.js'
import type { Told } from './told.js'

/**
 * The folder for "directory" of a program, as a path from where the sweep file is going to lie; null where it is that one. It is the
 * folder of the other tool's file, or, where the script is not there, the working directory, where the other tool may have been started.
 */
export async function folderOf(
  file: string,
  directory: string,
  script: unknown,
  told: Told,
): Promise<string | null> {
  let folder = dirname(file)
  if (typeof script === 'string' && !(await isThere(resolve(folder, script)))) {
    if (await isThere(resolve(script))) folder = process.cwd()
    else
      told.warn(
        ['program'],
        `${script} is in neither the folder of the file nor the working directory; it is to be found from ${folder}, or change "directory"`,
      )
  }
  const from = relative(directory, folder).split(sep).join('/')
  return from === '' ? null : from
}
