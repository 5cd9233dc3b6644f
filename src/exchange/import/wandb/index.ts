/** A sweep of W&B (sweep.yaml, or JSON) as a sweep file. */
import { basename, extname } from 'node:path'
import { isYaml, readWrittenFile } from '../../../launch/index.js'
import { nearestHint } from '../../../spelling.js'
import { isJsonObject, type JsonObject } from '../../../values.js'
import { folderOf } from '../folder.js'
import { asPythonReads } from '../python-yaml.js'
import { meantDirection, usualTrials } from '../search.js'
import { found, objectIn, type Told, telling } from '../told.js'
import type { SweepImporter } from '../types.js'
import { wandbParameters } from './parameters.js'
import { wandbCommand } from './program.js'
import { wandbPruner } from './pruner.js'

const algorithms: Readonly<Record<string, string>> = { bayes: 'bayesian', random: 'random', grid: 'grid' }
/** The metric where the file names none. */
const usualMetric = 'loss'
/** Seconds between SIGTERM and SIGKILL, as W&B's agent has them. */
const grace = 30

/** Keys with a counterpart; and those without, with what became of them. */
const carried = [
  ...['method', 'metric', 'metrics', 'parameters', 'early_terminate', 'run_cap'],
  ...['program', 'command', 'name', 'description', 'project'],
]
const without: Readonly<Record<string, string>> = {
  entity: 'there are no accounts here; it is left out',
  scheduler: 'a scheduler of W&B is not run; the search is what "method" says',
  controller: 'the process of `espalier sweep` is the controller; it is left out',
  job: 'jobs of W&B Launch are not run; name the script as "program"',
  image_uri: 'images are not run; name what starts one as "command"',
  queue: 'queues of W&B Launch are not used; see `espalier sweep --queue`',
  apiVersion: 'it says nothing that is needed here; it is left out',
  kind: 'it says nothing that is needed here; it is left out',
}

export const importWandb: SweepImporter = async (file, { directory, interpreter }) => {
  const { value, written: source } = await readWrittenFile(file)
  const told = telling(file, 'a sweep file of W&B')
  const config = objectIn(isYaml(file) ? asPythonReads(value, source, told) : value, told)
  for (const key of Object.keys(config)) {
    if (carried.includes(key)) continue
    if (Object.hasOwn(without, key)) told.warn([key], without[key])
    else told.unknown([key], `W&B knows no such key, and it is left out${nearestHint(key, carried)}`)
  }
  const algorithm = algorithmOf(config.method, told)
  const parameters = wandbParameters(config.parameters, { told, source, isGrid: algorithm === 'grid' })
  const { objective, stopAt } = objectiveOf(config, told)
  const pruner = wandbPruner(config.early_terminate, told)
  const { program, command } = config
  const { metric } = objective
  const runs = wandbCommand({ program, command, interpreter, metric, parameters }, told)
  const trials = trialsOf(config.run_cap, algorithm, told)
  told.refuse()

  const folder = runs && (await folderOf(file, directory, program, told))
  if (runs === null)
    told.warn(
      [],
      'it names no program, as where the script calls wandb.agent itself; add "trainer": see docs/programs.md',
    )
  const sweep: JsonObject = {
    name: nameOf(config, told) ?? basename(file, extname(file)),
    ...(typeof config.description === 'string' && { description: config.description }),
    ...(runs && {
      trainer: {
        command: runs,
        ...(folder && { directory: folder }),
        environment: { WANDB_MODE: 'offline' },
        grace,
      },
    }),
    objective: { ...objective, at: 'best' },
    search: {
      algorithm,
      ...(trials !== null && { trials }),
      // One run after the other, as an agent does it.
      parallel: 1,
      ...(pruner && { pruner }),
      ...(stopAt !== null && { stopAt }),
    },
    parameters: Object.fromEntries(parameters.map(({ name, parameter }) => [name, parameter])),
  }
  return { sweep, warnings: told.warnings }
}

function nameOf({ name, project }: Readonly<Record<string, unknown>>, told: Told): string | null {
  const [first, second] = [name, project].filter((one) => typeof one === 'string' && one.trim() !== '')
  if (second !== undefined) told.warn(['project'], `sweeps are grouped by "name" here; it is left out`)
  return (first as string | undefined) ?? null
}

function algorithmOf(method: unknown, told: Told): string {
  if (typeof method === 'string' && Object.hasOwn(algorithms, method)) return algorithms[method]
  if (method === 'custom')
    told.warn(['method'], 'what searches is not in the file; here it is a Bayesian search')
  else {
    const known = [...Object.keys(algorithms), 'custom']
    const hint = typeof method === 'string' ? nearestHint(method, known) : ''
    told.wrong(['method'], `"method" must be bayes, random, grid or custom (${found(method)})${hint}`)
  }
  return 'bayesian'
}

type Objective = JsonObject & { readonly metric: string }

function objectiveOf(
  { metric: one, metrics: several }: Readonly<Record<string, unknown>>,
  told: Told,
): { readonly objective: Objective; readonly stopAt: number | null } {
  const list: readonly unknown[] = Array.isArray(several) ? several : []
  if (one !== undefined && several !== undefined)
    told.warn(['metrics'], '"metric" is the objective; they are left out')
  else if (list.length > 1)
    told.warn(['metrics'], 'a sweep has one objective here, the first of them; the others are left out')
  const isFirst = one === undefined && list.length > 0
  const written = isFirst ? list[0] : one
  const at = isFirst ? ['metrics', 0] : ['metric']
  const missing = { objective: { metric: usualMetric, direction: 'minimize' }, stopAt: null }
  if (written === undefined) {
    told.warn(
      [],
      `it names no metric, which a sweep needs here: "${usualMetric}" is minimised; put in what the script logs, in "objective" and behind --metric`,
    )
    return missing
  }
  const { name, goal = 'minimize', target, impute, ...others } = isJsonObject(written) ? written : {}
  if (typeof name !== 'string' || name === '') {
    told.wrong(
      [...at, 'name'],
      `a metric must have a name (${found(isJsonObject(written) ? name : written)})`,
    )
    return missing
  }
  if (goal !== 'minimize' && goal !== 'maximize') {
    told.wrong([...at, 'goal'], `"goal" must be minimize or maximize (${found(goal)})`)
    return missing
  }
  if (target !== undefined && !Number.isFinite(target))
    told.wrong([...at, 'target'], `"target" must be a number (${found(target)})`)
  if (impute !== undefined && impute !== 'worst')
    told.warn([...at, 'impute'], 'a trial that failed counts as worse than the worst; it is left out')
  for (const key of Object.keys(others)) told.warn([...at, key], 'a metric has no such key; it is left out')
  return {
    objective: { metric: name, ...meantDirection(name, goal, [...at, 'goal'], told) },
    stopAt: typeof target === 'number' ? target : null,
  }
}

function trialsOf(cap: unknown, algorithm: string, told: Told): number | null {
  if (cap !== undefined && cap !== null) {
    if (Number.isInteger(cap) && Number(cap) > 0) return Number(cap)
    told.wrong(['run_cap'], `"run_cap" must be a whole number from 1 (${found(cap)})`)
    return null
  }
  return algorithm === 'grid' ? null : usualTrials('"run_cap"', told)
}
