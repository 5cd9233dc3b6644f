/** The files of the page, as they were built with the package. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { EspalierError } from '../errors.js'

const files = { 'index.html': 'text/html', 'page.js': 'text/javascript', 'page.css': 'text/css' } as const
export type PageFile = keyof typeof files

export function isPageFile(name: string): name is PageFile {
  return Object.hasOwn(files, name)
}

export function pageFileType(name: PageFile): string {
  return `${files[name]}; charset=utf-8`
}

/** @throws EspalierError INTERNAL where the package lacks it. */
export async function readPageFile(name: PageFile): Promise<Buffer> {
  try {
    return await readFile(createRequire(import.meta.url).resolve(`#page/${name}`))
  } catch (cause) {
    throw new EspalierError('INTERNAL', `the package lacks ${name} of the page`, { cause })
  }
}
