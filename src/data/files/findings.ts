/** What is told of how a file is written. */
import type { Encoding } from '../../values.js'
import type { DecodedText } from './encoding.js'
import type { Finding } from './types.js'

const encodingNames: Readonly<Record<Encoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 (little-endian)',
  'utf-16be': 'UTF-16 (big-endian)',
  latin1: 'Latin-1',
  'windows-1252': 'Windows-1252',
}

export function encodingFinding({ encoding, why, isStated }: DecodedText): Finding {
  return { what: 'encoding', found: encodingNames[encoding], why, isUsual: isStated || encoding === 'utf-8' }
}

/** What was found out about a file and is not as usual, in sentences. */
export function findingNotes(file: string, findings: readonly Finding[]): string[] {
  return findings.filter(({ isUsual }) => !isUsual).map((finding) => `${file}: ${findingSentence(finding)}`)
}

export function findingSentence({ what, found, why }: Finding): string {
  switch (what) {
    case 'packed':
      return `packed by ${found} (${why})`
    case 'encoding':
      return `read as ${found} (${why})`
    case 'separator':
      return `cells are separated by ${found} (${why})`
    case 'decimal':
      return `numbers are written with a decimal ${found} (${why})`
    default:
      return `${found} (${why})`
  }
}
