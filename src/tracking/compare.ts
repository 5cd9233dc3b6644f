/** Runs side by side, and runs as plain rows for other programs. */

import { csvCell } from '../csv-cell.js'
import { canonicalJson, type JsonObject, type JsonValue } from '../values.js'
import { exactJson } from './json.js'
import { secondsOf } from './seconds.js'
import { settingsOf } from './settings.js'
import type { ChildRun, Comparison, ParentRun, Run } from './types.js'

/** @param specOf what the sweep of a run was asked to do. */
export function compareRuns(runs: readonly Run[], specOf: (run: Run) => JsonObject): Comparison {
  const rows = runs.map((run) => {
    const row = rowOf(run)
    for (const [name, value] of Object.entries(settingsOf(specOf(run)))) row.set(name, value)
    return row
  })
  const fields = namesOf(rows).map((field) => {
    const values = rows.map((row) => row.get(field))
    return { field, values, differs: values.some((value) => !isSame(value, values[0])) }
  })
  return { runs, fields }
}

/** Lists and objects by what they hold. */
function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  return canonicalJson(a) === canonicalJson(b)
}

const families = ['', 'data.', 'validation.', 'space.', 'params.', 'metrics.', 'tags.']

function namesOf(rows: readonly Map<string, JsonValue>[]): readonly string[] {
  const names = new Set<string>()
  for (const row of rows) for (const name of row.keys()) names.add(name)
  const family = (name: string) =>
    families.indexOf(/^(data|validation|space|params|metrics|tags)\./.exec(name)?.[0] ?? '')
  return [...names].sort((a, b) => family(a) - family(b))
}

/** A run as one flat row. */
function rowOf(run: Run): Map<string, JsonValue> {
  const row = new Map<string, JsonValue>(
    Object.entries(run.kind === 'trial' ? ownOfTrial(run) : ownOfSweep(run)),
  )
  if (run.kind === 'trial')
    for (const [name, value] of Object.entries(run.params)) row.set(`params.${name}`, value)
  for (const [name, value] of Object.entries(run.metrics)) row.set(`metrics.${name}`, value)
  for (const [name, value] of Object.entries(run.tags)) row.set(`tags.${name}`, value)
  return row
}

function ownOfTrial(run: ChildRun): Record<string, JsonValue> {
  return {
    run: run.id,
    parent: run.parent,
    experiment: run.experiment,
    trial: run.trial,
    status: run.status,
    value: run.value,
    started: run.started,
    ended: run.ended,
    seconds: secondsOf(run),
    error: run.error === null ? null : `${run.error.code}: ${run.error.message}`,
  }
}

function ownOfSweep(run: ParentRun): Record<string, JsonValue> {
  return {
    run: run.id,
    experiment: run.experiment,
    name: run.name,
    status: run.status,
    metric: run.objective.metric,
    direction: run.objective.direction,
    best: run.best?.value ?? null,
    bestTrial: run.best?.trial ?? null,
    finished: run.trials.finished,
    pruned: run.trials.pruned,
    failed: run.trials.failed,
    started: run.started,
    ended: run.ended,
    seconds: secondsOf(run),
    error: run.error === null ? null : `${run.error.code}: ${run.error.message}`,
  }
}

/** A JSON array of objects, a field each entry; what a run does not have is null. */
export function rowsAsJson(runs: readonly Run[]): string {
  const rows = runs.map(rowOf)
  const names = namesOf(rows)
  const objects = rows.map((row) => Object.fromEntries(names.map((name) => [name, row.get(name) ?? null])))
  return `[${objects.map((row) => `\n${exactJson(row)}`).join(',')}\n]\n`
}

/**
 * CSV after RFC 4180 with a header, lines ended by CR LF; numbers to full precision, lists and
 * objects as compact JSON, nothing for null, and no text that a spreadsheet would take for a formula (../csv-cell.ts).
 */
export function rowsAsCsv(runs: readonly Run[]): string {
  const rows = runs.map(rowOf)
  const names = namesOf(rows)
  const lines = [names.map(csvCell).join(',')]
  for (const row of rows) lines.push(names.map((name) => csvCell(row.get(name) ?? null)).join(','))
  return lines.map((line) => `${line}\r\n`).join('')
}
