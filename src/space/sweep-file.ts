/** A whole sweep file: validated, with every mistake in it told at once. */

import { choiceIn } from '../trainer-choice.js'
import { isJsonObject } from '../values.js'
import { checkParams } from './check.js'
import { withOwners } from './choice.js'
import { dataProblems } from './data.js'
import { sweepFileDefinition } from './definition.js'
import { metricsProblems } from './metrics.js'
import { readParameters } from './parameters.js'
import { prunerProblems } from './pruner.js'
import { buildSpace } from './space.js'
import { structuralProblems } from './structure.js'
import { trainerProblems } from './trainer.js'
import type { SweepFile, SweepFileJson } from './types.js'
import { validationProblems } from './validation.js'
import { warmStartProblems } from './warm-start.js'
import { pathOf, show, spaceError, unusableProblem } from './wording.js'

/**
 * A sweep file, already read from JSON: itself, defaults not applied, and its space. Throws SPACE_INVALID with
 * every mistake in it.
 * @param inCode whether what is trained is passed in code: a parameter `trainer` is then one as any other.
 */
export async function parseSweepFile(json: unknown, inCode = false): Promise<SweepFile> {
  if (!isJsonObject(json)) {
    throw spaceError([
      { path: '', message: `a sweep file must be an object in curly brackets (got ${show(json)})` },
    ])
  }
  const unusable = unusableProblem(json)
  if (unusable !== null) throw spaceError([unusable])
  const { file, sections } = sweepFileDefinition()
  const { parameters: written, ...rest } = json as Record<string, unknown>
  // Parameters are checked by their type, which zod's union of all types could not explain.
  const stand = {
    ...(written === undefined ? rest : { ...rest, parameters: { placeholder: 0 } }),
    ...('search' in rest && { search: withoutUnions(rest.search) }),
    ...('data' in rest && { data: withOneFile(rest.data) }),
    trainer: undefined,
    metrics: undefined,
  }
  const { problems } = structuralProblems(file, stand, [], (path) =>
    path.length === 0 ? sections[''] : path.length === 1 ? sections[path[0]] : undefined,
  )
  const pruner = isJsonObject(rest.search) ? rest.search.pruner : undefined
  // Checked by its name, which zod's union of all pruners could not explain either.
  if (pruner !== undefined) problems.push(...prunerProblems(pruner))
  const warmStart = isJsonObject(rest.search) ? rest.search.warmStart : undefined
  if (warmStart !== undefined) problems.push(...warmStartProblems(warmStart))
  if (rest.trainer !== undefined) problems.push(...trainerProblems(rest.trainer))
  if (rest.metrics !== undefined) problems.push(...metricsProblems(rest.metrics))
  problems.push(...validationProblems(rest.validation), ...dataProblems(rest.data))
  const choice = inCode || rest.trainer !== undefined ? null : choiceIn(written)
  const owned = choice !== null && isJsonObject(written) ? withOwners(written, choice) : null
  problems.push(...(owned?.problems ?? []))
  const read = written === undefined ? null : readParameters(owned?.parameters ?? written)
  if (read !== null) {
    problems.push(...read.problems)
    const told = new Set(problems.map(({ path }) => path))
    enqueueOf(rest.search).forEach((entry, i) => {
      if (!isJsonObject(entry)) return
      for (const { path, message } of checkParams(read.checkable, entry, true)) {
        const at = `${pathOf('search', 'enqueue', i)}.${path}`
        if (!told.has(at)) problems.push({ path: at, message })
      }
    })
  }
  if (read === null || problems.length > 0) throw spaceError(problems)
  return { ...(json as unknown as SweepFileJson), space: buildSpace(read.parameters), choice }
}

/** What "file" may be is checked in data.ts, as zod could not explain the union. */
function withOneFile(data: unknown): unknown {
  return isJsonObject(data) && 'file' in data ? { ...data, file: 'one' } : data
}

function withoutUnions(search: unknown): unknown {
  return isJsonObject(search) ? { ...search, pruner: undefined, warmStart: undefined } : search
}

function enqueueOf(search: unknown): readonly unknown[] {
  const enqueue = (search as { enqueue?: unknown } | null | undefined)?.enqueue
  return Array.isArray(enqueue) ? enqueue : []
}
