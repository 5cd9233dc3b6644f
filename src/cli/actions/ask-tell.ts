/** `ask-tell`: lines in, lines out, in order, until stdin ends. */
import { createInterface } from 'node:readline'
import { printInStep } from '../output.js'

export async function askTell(): Promise<void> {
  const { AskTellSession } = await import('../../launch/index.js')
  const session = new AskTellSession()
  try {
    // One line after the other: what is asked later may depend on what was told before.
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === '') continue
      const going = await printInStep(`${await session.answer(line)}\n`)
      if (!going) break
    }
  } finally {
    await session.close()
  }
}
