/** `trainer` of a sweep file: a name, the path of a module, or a program with its arguments. */
import type { Problem } from '../errors.js'
import { isJsonObject } from '../values.js'
import { sweepFileDefinition } from './definition.js'
import { readingProblems } from './program.js'
import { structuralProblems } from './structure.js'
import { show } from './wording.js'

/** Every mistake in what stands there. */
export function trainerProblems(written: unknown): Problem[] {
  if (typeof written === 'string' && written !== '') return []
  if (isJsonObject(written)) {
    const { program, programResult } = sweepFileDefinition()
    const { problems } = structuralProblems(program, withoutUnion(written), ['trainer'], (path) =>
      path.length === 0 ? program : path[0] === 'result' ? programResult : undefined,
    )
    return [...problems, ...readingProblems(written)]
  }
  const message = `"trainer" must be the name of a trainer, the path of a module, or a program like {"command": ["python3", "train.py"]} (got ${show(written)})`
  return [{ path: 'trainer', message }]
}

/** What "result" may be is checked in program.ts, as zod could not explain the union. */
function withoutUnion(program: Readonly<Record<string, unknown>>): unknown {
  return isJsonObject(program.result) ? program : { ...program, result: undefined }
}
