/** `trainer` of a sweep file: a name, the path of a module, or a program with its arguments. */
import type { Problem } from '../errors.js'
import { isJsonObject } from '../values.js'
import { sweepFileDefinition } from './definition.js'
import { structuralProblems } from './structure.js'
import { show } from './wording.js'

/** Every mistake in what stands there. */
export function trainerProblems(written: unknown): Problem[] {
  if (typeof written === 'string' && written !== '') return []
  if (isJsonObject(written)) {
    const { program } = sweepFileDefinition()
    const sectionOf = (path: readonly unknown[]) => (path.length === 0 ? program : undefined)
    return structuralProblems(program, written, ['trainer'], sectionOf).problems
  }
  const message = `"trainer" must be the name of a trainer, the path of a module, or a program like {"command": ["python3", "train.py"]} (got ${show(written)})`
  return [{ path: 'trainer', message }]
}
