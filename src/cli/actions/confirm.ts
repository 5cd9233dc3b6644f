/** Asking before something is deleted for good. */
import { createInterface } from 'node:readline/promises'
import { EspalierError } from '../../errors.js'
import { isTerminal } from '../output.js'

/** @throws USAGE where there is nobody to ask. */
export async function confirmed(question: string): Promise<boolean> {
  mustBeAskable()
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await reader.question(`${question} [y/N] `)
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    reader.close()
  }
}

/** @throws USAGE where there is nobody to ask. */
export function mustBeAskable(): void {
  if (process.stdin.isTTY && isTerminal(process.stderr)) return
  throw new EspalierError(
    'USAGE',
    'deleting asks for confirmation, and there is no terminal to ask on; pass --yes',
  )
}
