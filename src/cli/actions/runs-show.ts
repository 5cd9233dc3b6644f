/** `runs show ID`: one run whole, in words. */
import { type StayingCheckpoint, stayingCheckpoints } from '../../execution/index.js'
import type { Judging } from '../../launch/index.js'
import { importancesOf, judgingOf } from '../../launch/judging-record.js'
import { artifactNames, tagNames } from '../../names.js'
import { originInWords } from '../../origin.js'
import { attemptEnd } from '../../shown.js'
import type {
  Artifact,
  ChildRun,
  MetricHistory,
  ParentRun,
  PrunedBecause,
  Run,
  RunStore,
  Store,
  TrialConditions,
} from '../../tracking/index.js'
import { progressOf } from '../../tracking/index.js'
import { isJsonObject, type JsonObject, type JsonValue, secondsBetween } from '../../values.js'
import * as format from '../format.js'
import { plain, print, printJson, reasonLine, reasonLines } from '../output.js'
import { parameterTable } from '../parameters.js'
import { requestInWords } from '../request.js'
import { indented, pairs, table } from '../table.js'
import { called, isSweep, openStoreOf, storeArgument } from './common.js'
import { importancesTable, judgedPairs, judgedTables } from './judged.js'
import { findRun } from './meant.js'
import { historyOf } from './sweep-history.js'
import { progressLine } from './sweep-progress.js'

/** A longer log is shown by its end. */
const logLines = 12
/** A history of more steps is summed up. */
const longestHistory = 12

export async function showRun(id: string, options: { store?: string; json?: boolean }): Promise<void> {
  const store = await openStoreOf(options)
  const run = await findRun(store, id)
  const sweep = isSweep(run) ? run : ((await store.run(run.parent)) as ParentRun)
  const judged = await judgingOf(store, sweep)
  const judging = isSweep(run) || judged?.trial === run.trial ? judged : null
  const importances = isSweep(run) ? null : await importancesOf(store, run)
  const checkpoints = isSweep(run) ? [] : await stayingCheckpoints(store.checkpointsOf(run.parent), run.trial)
  if (options.json) {
    const more = isSweep(run) ? { baseline: judging?.baseline ?? null } : { importances, checkpoints }
    return printJson({ ...run, ...more, judging })
  }
  const parts = [
    ...(isSweep(run)
      ? await showSweep(run, await store.trials(run.id), judging)
      : showTrial(run, sweep, store.directory, judging)),
    ...(judging === null ? [] : judgedTables(judging).map(([title, body]) => section(title, body))),
    ...(importances === null ? [] : [section(...importancesTable(importances))]),
  ]
  const log = run.kind === 'trial' && 'output' in run ? outputSoFar(run.output) : await logged(run, store)
  print(
    [...parts, log, ...labels(run), ...artifacts(run, store), checkpointsKept(checkpoints)]
      .filter((part) => part !== '')
      .join('\n'),
  )
}

function showTrial(run: ChildRun, sweep: ParentRun, directory: string, judging: Judging | null): string[] {
  const { metric, direction } = sweep.objective
  const best = sweep.best?.run === run.id ? ', the best of its sweep' : ''
  const {
    origin,
    trial: _,
    pruned,
    bestStep,
    stoppedAtLimit,
    fits,
    continued = [],
    ...conditions
  } = run.conditions
  return [
    pairs(
      [
        ['run', run.id],
        [
          'is',
          `trial ${run.trial} of sweep ${plain(sweep.name)} (${sweep.id}), experiment ${plain(run.experiment)}`,
        ],
        ['status', statusLine(run)],
        ...(run.value === null
          ? []
          : [
              ['value', `${plain(metric)} ${format.number(run.value)} (${direction})${best}`] as [
                string,
                string,
              ],
            ]),
        ...(judging === null ? [] : judgedPairs(judging)),
        ...(bestStep === undefined ? [] : [['best step', bestStepInWords(bestStep)] as [string, string]]),
        ...(stoppedAtLimit === undefined
          ? []
          : [['stopped', stoppedInWords(stoppedAtLimit)] as [string, string]]),
        ...(pruned === undefined ? [] : [['pruned', prunedInWords(pruned)] as [string, string]]),
        ...seatsInWords(run),
        ...devicesInWords(run),
        ...workersInWords(run),
        ...lostInWords(run),
        ...continued.map(
          ({ attempt, step, fold }) =>
            [
              'went on',
              `from step ${step}${fold === undefined ? '' : ` of fold ${fold}`} after ${before(run, attempt)} (attempt ${attempt})`,
            ] as [string, string],
        ),
        ['origin', originInWords(origin)],
      ],
      '',
    ),
    section('its last lines', printedLast(run)),
    section('params', pairs(entries(run.params))),
    section('metrics', pairs(format.metricRows(run.metrics))),
    section('history', histories(run.history, sweep)),
    section('attempts', attempts(run)),
    section(
      `conditions (those of the whole sweep: ${called} runs show ${sweep.id.slice(0, 8)}${storeArgument(directory)})`,
      pairs(entries(conditions)),
    ),
  ]
}

/** How far a running sweep has come. */
function progressInWords(run: ParentRun): [string, string][] {
  const progress = progressOf(run)
  return progress === null ? [] : [['progress', progressLine(progress)]]
}

/** Where a trial runs, or ran. */
function seatsInWords(run: ChildRun): [string, string][] {
  const { fits } = run.conditions
  const seats = 'seats' in run ? run.seats : [...new Set(fits?.seats)].sort((a, b) => a - b)
  if (run.status === 'interrupted' || seats.length === 0) return []
  const waited = fits === undefined ? 0 : Math.min(...fits.from) / 1000
  const after = waited < 1 ? '' : `, after ${format.seconds(waited)} of waiting`
  return [[seats.length === 1 ? 'seat' : 'seats', `${seats.join(', ')}${after}`]]
}

/** Which devices the fits of a trial held, and how much memory of those was in use at most. */
function devicesInWords({ conditions: { fits } }: ChildRun): [string, string][] {
  const ids = [...new Set(fits?.devices?.flat())]
  if (ids.length === 0) return []
  const looked = (fits?.peakDeviceMemoryMB ?? []).filter((mb) => mb !== null)
  const peak = looked.length === 0 ? '' : `, at most ${Math.max(...looked)} MB in use on one of them`
  return [[ids.length === 1 ? 'device' : 'devices', plain(`${ids.join(', ')}${peak}`)]]
}

/** On which other machines the fits of a trial ran, and with which devices there. */
function workersInWords({ conditions: { fits } }: ChildRun): [string, string][] {
  const workers = new Map((fits?.workers ?? []).flatMap((one) => (one === null ? [] : [[one.id, one]])))
  return [...workers.values()].map(({ id, host, devices = [] }) => {
    const named = devices.map(({ id, name }) => (name === null ? id : `${id} ${name}`))
    return ['worker', plain(`${id} on ${host}${named.length === 0 ? '' : ` (${named.join(', ')})`}`)]
  })
}

/** Workers that vanished while they had a fit of it. */
function lostInWords(run: ChildRun): [string, string][] {
  const lost = 'seats' in run ? (run.lost ?? []) : (run.conditions.fits?.lost ?? []).flat()
  return lost.map(({ id, host, ms }) => [
    'done again',
    plain(
      `after worker ${id} on ${host} vanished (missed ${format.seconds(ms / 1000)} after the attempt began)`,
    ),
  ])
}

/** Of a trial that reports the objective's metric by step: where it was best. */
function bestStepInWords({ step, value }: NonNullable<TrialConditions['bestStep']>): string {
  return `${format.value(step)}, with ${format.value(value)}`
}

/** Of a trial that was stopped at its time limit, and keeps the best of its steps. */
function stoppedInWords({ step, limitSeconds }: NonNullable<TrialConditions['stoppedAtLimit']>): string {
  return `at its time limit of ${format.seconds(limitSeconds)}, after step ${format.value(step)}; its value is that of its best step`
}

/** Why a trial was stopped: the sentence that the pruner left in the record. */
function prunedInWords({ rule, reason }: PrunedBecause): string {
  return `by ${format.value(rule)}: ${format.value(reason)}`
}

async function showSweep(
  run: ParentRun,
  trials: readonly ChildRun[],
  judging: Judging | null,
): Promise<string[]> {
  const { metric, direction } = run.objective
  const { parameters, ...spec } = run.spec
  const history = historyOf(run, trials)
  return [
    pairs(
      [
        ['run', run.id],
        ['is', `sweep ${plain(run.name)}, experiment ${plain(run.experiment)}`],
        ['status', statusLine(run)],
        ['objective', `${direction} ${plain(metric)}`],
        ['trials', format.counts(run.trials)],
        ...progressInWords(run),
        ...(run.deleted.length === 0 ? [] : [['deleted', deletedInWords(run)] as [string, string]]),
        ...(run.best
          ? [
              [
                'best',
                `${plain(metric)} ${format.number(run.best.value)}, trial ${run.best.trial}, run ${run.best.run}`,
              ] as [string, string],
            ]
          : []),
        ...(judging === null ? [] : judgedPairs(judging)),
      ],
      '',
    ),
    ...(history === null ? [] : [section(plain(history[0]), history[1])]),
    section('metrics', pairs(format.metricRows(run.metrics))),
    section('asked while it ran', asked(run)),
    section('parameters', await parametersOf(parameters)),
    section('asked for', pairs(flatten(spec))),
    ...run.sessions.map(({ started, conditions }, i) =>
      section(
        run.sessions.length === 1
          ? `conditions`
          : `conditions of session ${i + 1}, ${format.instant(started)}`,
        pairs(flatten(conditions)),
      ),
    ),
  ]
}

/** Trials that were taken out, when and by whom. */
function deletedInWords({ deleted }: ParentRun): string {
  return deleted
    .map(({ trial, at, by }) => {
      if (at === null || by === null) return `trial ${trial}`
      return `trial ${trial} by ${plain(by.user)} on ${plain(by.host)}, ${format.instant(at)}`
    })
    .join('; ')
}

/** What somebody asked of it, when, and what became of that. */
function asked({ requests }: ParentRun): string {
  return pairs(
    requests.map((request) => {
      const { user, host } = request.by
      return [format.instant(request.at), `${plain(user)} on ${plain(host)}: ${requestInWords(request)}`]
    }),
  )
}

/** The space as a table; as it was written, where this version does not understand it. */
async function parametersOf(written: JsonValue | undefined): Promise<string> {
  const { createSpace } = await import('../../space/index.js')
  try {
    return indented(parameterTable(createSpace(written as Parameters<typeof createSpace>[0])))
  } catch {
    return pairs(entries((written ?? {}) as JsonObject))
  }
}

function statusLine(run: Run): string {
  const passed = secondsBetween(run.started, run.ended)
  const took = passed === null ? '' : ` in ${format.seconds(passed)}`
  const error = run.error ? `: ${run.error.code}: ${reasonLine(run.error.message)}` : ''
  return `${run.status}${took}, started ${format.instant(run.started)}${error}`
}

/** Of a program that failed: what it printed last. */
function printedLast({ error }: ChildRun): string {
  return reasonLines(error?.message ?? '')
    .map((line) => `  ${line}`)
    .join('\n')
}

/** Metrics by step: short ones as a table for each set of steps, long ones summed up. */
function histories(history: ChildRun['history'], sweep: ParentRun): string {
  const groups = new Map<string, [string, MetricHistory][]>()
  const summaries: [string, string][] = []
  for (const [name, series] of Object.entries(history)) {
    if (series.steps.length > longestHistory) summaries.push([plain(name), summary(series)])
    else {
      const key = series.steps.join(' ')
      const group = groups.get(key) ?? []
      group.push([name, series])
      groups.set(key, group)
    }
  }
  const step = sweep.spec.validation ? 'fold' : 'step'
  const tables = [...groups.values()].map((group) =>
    indented(
      table(
        [{ title: step }, ...group[0][1].steps.map((n) => ({ title: String(n), align: 'right' as const }))],
        group.map(([name, { values }]) => [
          plain(name),
          ...values.map((value) => format.metric(name, value)),
        ]),
      ),
    ),
  )
  return [...tables, pairs(summaries)].filter((part) => part !== '').join('\n')
}

function summary({ steps, values }: MetricHistory): string {
  let lowest = 0
  let highest = 0
  for (let i = 1; i < values.length; i++) {
    if (values[i] < values[lowest]) lowest = i
    if (values[i] > values[highest]) highest = i
  }
  const at = (i: number) => `${format.number(values[i])} at step ${steps[i]}`
  const last = values.length - 1
  return `${values.length} steps: first ${format.number(values[0])}, lowest ${at(lowest)}, highest ${at(highest)}, last ${format.number(values[last])}`
}

function attempts(run: ChildRun): string {
  return pairs(
    run.attempts.map((one) => [
      `attempt ${one.attempt}`,
      `${format.instant(one.started)}: ${attemptEnd(one)}`,
    ]),
  )
}

/** What an attempt that goes on comes after. */
function before({ attempts }: ChildRun, attempt: number): string {
  const last = attempts.find((one) => one.attempt === attempt - 1)
  return last?.error ? 'a failure' : 'an interruption'
}

/** The end of what a running trial has printed. */
function outputSoFar(lines: readonly string[]): string {
  return section(
    'output so far',
    lines
      .slice(-logLines)
      .map((line) => `  ${plain(line)}`)
      .join('\n'),
  )
}

/** The end of what the trainer logged and printed. */
async function logged(run: Run, store: RunStore): Promise<string> {
  const file = run.artifacts.find(
    ({ name }) => name === artifactNames.log || name === artifactNames.logBeside,
  )
  if (file === undefined) return ''
  const text = new TextDecoder().decode(await store.readArtifact(run, file.name))
  const lines = text.trimEnd().split('\n')
  const shown = lines.slice(-logLines).map((line) => `  ${plain(line)}`)
  const title = lines.length > logLines ? `log (the last ${logLines} of ${lines.length} lines)` : 'log'
  return section(title, shown.join('\n'))
}

function labels(run: Run): string[] {
  const { [tagNames.note]: note, ...tags } = run.tags
  return [section('tags', pairs(entries(tags))), note ? section('note', `  ${plain(note)}`) : '']
}

function artifacts(run: Run, store: Store): string[] {
  return [section('artifacts', pairs(run.artifacts.map((artifact) => artifactLine(run, artifact, store))))]
}

function checkpointsKept(checkpoints: readonly StayingCheckpoint[]): string {
  const lines = checkpoints.map(({ part, folder, bytes }): [string, string] => [
    part === 'whole' ? 'folder' : part.replace('-', ' '),
    `${format.bytes(bytes)}, ${folder}`,
  ])
  return section('checkpoint', pairs(lines))
}

function artifactLine(run: Run, { name, bytes }: Artifact, store: Store): [string, string] {
  return [plain(name), `${format.bytes(bytes)}, ${store.artifactPath(run, name)}`]
}

function entries(object: Readonly<Record<string, JsonValue>>): [string, string][] {
  return Object.entries(object).map(([name, given]) => [plain(name), format.named(name, given)])
}

/** Nested records as dotted names. */
function flatten(object: object, prefix = ''): [string, string][] {
  return Object.entries<JsonValue>(object as JsonObject).flatMap(([name, given]): [string, string][] => {
    const path = `${prefix}${plain(name)}`
    if (given === null || (Array.isArray(given) && given.length === 0)) return []
    if (isJsonObject(given)) return flatten(given, `${path}.`)
    return [[path, format.named(name, given)]]
  })
}

function section(title: string, body: string): string {
  return body === '' ? '' : `\n${title}\n${body}`
}
