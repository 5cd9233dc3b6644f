/** The operator for powers gave other last digits from one version of Node to the next, so it decides nothing. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const source = fileURLToPath(new URL('../src/', import.meta.url))

/** Where it stands nevertheless, and why. */
const known: Record<string, string> = {
  // Models of libsvm predict what they predicted before, to the last digit, on the version of Node that they were made on.
  'training/trainers/libsvm.ts': 'out[k] = (gamma * sum + coef0) ** degree',
}

/** A power of two is exact on every version, and so are whole numbers of any length. */
const exact = /(?<![\w.)\]])(2|10n) \*\* /g

function withoutComments(text: string): string {
  return text.replace(/\/\*.*?\*\//gs, '').replace(/(^|\s)\/\/.*$/gm, '')
}

it('no source file takes powers, but of two', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.m?ts$/.test(file),
  )
  expect(files.length).toBeGreaterThan(300)
  const found: string[] = []
  for (const file of files) {
    const text = withoutComments(readFileSync(source + file, 'utf8'))
    for (const line of text.split('\n')) {
      if (known[file] !== undefined && line.includes(known[file])) continue
      if (/\*\*|Math\.pow/.test(line.replace(exact, ''))) found.push(`${file}: ${line.trim()}`)
    }
  }
  expect(found).toEqual([])
})
