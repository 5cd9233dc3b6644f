/** `espalier ask-tell`. */
import type { Command } from 'commander'

export function define(command: Command): void {
  command
    .description(
      'The search engine alone: one JSON object a line on stdin, one a line on stdout, in order. Operations: open, ask, tell, best.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ printf \'%s\\n\' \'{"op":"open","parameters":{"x":{"type":"float","min":0,"max":1}}}\' \'{"op":"ask","count":2}\' | espalier ask-tell',
    )
    .action(async () => (await import('../actions/ask-tell.js')).askTell())
}
