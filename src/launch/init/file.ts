/** The file that `init` writes. */
import { dirname, extname, resolve } from 'node:path'
import { EspalierError } from '../../errors.js'
import { isThere, refuseOverwriting } from '../overwriting.js'

/**
 * Throws USAGE where its name does not say what it is written as, where its folder is not there, or where it would take the place of
 * one.
 * @param json whether JSON is all that it is written as.
 */
export async function checkFileToWrite(file: string, force: boolean, json = false): Promise<void> {
  const isNamed = json ? /^\.jsonc?$/i : /^\.(jsonc?|ya?ml)$/i
  if (!isNamed.test(extname(file)))
    throw new EspalierError(
      'USAGE',
      json
        ? `this sweep file is written as JSON (${file} ends otherwise); name it .json`
        : `a sweep file is JSON or YAML (${file} ends otherwise); name it .jsonc or .yaml`,
    )
  if (!(await isThere(dirname(file))))
    throw new EspalierError(
      'USAGE',
      `a sweep file is written into a folder that is there (${dirname(file)} is not); make it, or name another with --out`,
    )
  await refuseOverwriting(file, force, '--out')
}

/** The schema by which an editor completes and checks the file, where the package is installed beside it. */
export async function schemaFor(file: string): Promise<string | null> {
  const schema = './node_modules/espalier/search-spaces/schema.json'
  return (await isThere(resolve(dirname(file), schema))) ? schema : null
}
