/** docs/errors.md, from the catalogue of codes. */
import { codes } from '../../src/errors.js'
import { code, madeFrom, table } from './text.js'

const exits = { request: '2', work: '1', interrupted: '130', bug: '1' } as const

export function errorsPage(): string {
  const errors = Object.entries(codes.errors).map(([name, { kind, meaning }]) => [
    code(name),
    meaning,
    exits[kind],
  ])
  const failures = Object.entries(codes.failures).map(([name, meaning]) => [code(name), meaning])
  return `# Errors

${madeFrom('src/errors.ts')}
A message says the law, then what was found, then the remedy. Beside it stands a code that stays the same when messages are
worded anew: the library throws \`EspalierError\` with \`code\`, \`kind\` and \`problems\` (each with its \`path\`), the command line
prints the message on stderr and, with \`--json\`, \`{"error": {"code", "message", "problems"}}\` on stdout.

## Errors of commands and calls

The exit code of the command line follows from the kind: 2 for a request that is wrong, 1 for work that failed (and for what can
only be a bug of Espalier), 130 where it was interrupted and can be resumed.

${table(['code', 'what it means', 'exit code'], errors)}

## Failures of trials

What a trial does wrong costs that trial alone: it is \`failed\`, with one of these codes and the reason on its record, the search
learns to avoid its params, and the sweep goes on. Only where the first five trials all fail for one reason does the sweep give up.

${table(['code', 'what it means'], failures)}
`
}
