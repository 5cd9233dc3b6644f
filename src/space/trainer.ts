/** `trainer` of a sweep file: a name, the path of a module, or a program with its arguments. */
import type { ZodObject } from 'zod'
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
    if (typeof written.module === 'string' && !('command' in written)) {
      const message = `a module is written as its path, "trainer": ${JSON.stringify(written.module)}; an object is a program, {"command": ["python3", "train.py"]}`
      return [{ path: 'trainer.module', message }]
    }
    const { program, programResult } = sweepFileDefinition()
    // What "result" may be is told in program.ts, as zod could not explain the union.
    const { result, ...others } = written
    const problems = problemsIn(program, others)
    if (isJsonObject(result)) problems.push(...problemsIn(programResult, result, 'result'))
    return [...problems, ...readingProblems(written)]
  }
  const message = `"trainer" must be the name of a trainer, the path of a module, or a program like {"command": ["python3", "train.py"]} (got ${show(written)})`
  return [{ path: 'trainer', message }]
}

function problemsIn(section: ZodObject, written: unknown, ...inside: readonly string[]): Problem[] {
  const sectionOf = (path: readonly unknown[]) => (path.length === 0 ? section : undefined)
  return structuralProblems(section, written, ['trainer', ...inside], sectionOf).problems
}
