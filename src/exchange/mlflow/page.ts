/** What is to stand on an MLflow server of a run of ours: a function of the record alone, so that it is the same whenever it is sent. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { tagNames } from '../../names.js'
import { type ChildRun, type ParentRun, type RunStatus, trainerName } from '../../tracking/index.js'
import { isJsonObject, type JsonObject, type JsonValue, textOf } from '../../values.js'
import { cutTo, longest, type MetricRow, serverNames } from './limits.js'

export type ServerStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED'

/** A run as the server is to have it. */
export interface Page {
  /** Our id of it. */
  readonly run: string
  readonly name: string
  readonly status: ServerStatus
  /** ms since 1970. */
  readonly started: number
  readonly ended: number | null
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  /** Those among `tags` that somebody set, which may be taken away again. */
  readonly ownTags: readonly string[]
  /** What was reported by step: by key, in its order, never changed while the attempt is the same. */
  readonly steps: readonly MetricRow[]
  /** One value each, which a later one may take the place of. */
  readonly figures: readonly MetricRow[]
  readonly inputs: readonly DatasetInput[]
  /** Values that are too long for the server, whole. */
  readonly whole: JsonObject | null
  /** What was cut or is called otherwise there, in words. */
  readonly said: readonly string[]
}

/** A data set of a run, as `runs/log-inputs` takes it. */
export interface DatasetInput {
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  readonly dataset: {
    readonly name: string
    readonly digest: string
    readonly source_type: string
    readonly source: string
    readonly profile: string
  }
}

/** Tags of ours that the server's runs have. */
export const serverTags = {
  run: 'espalier.run',
  sweep: 'espalier.sweep',
  /** `sweep`, `trial`, or `replaced` of a run that another one took the place of. */
  role: 'espalier.role',
  status: 'espalier.status',
} as const

/** Of a trial that was pruned its own client has no word: Optuna's in MLflow calls it KILLED too. */
const statuses: Readonly<Record<RunStatus, ServerStatus>> = {
  running: 'RUNNING',
  finished: 'FINISHED',
  failed: 'FAILED',
  pruned: 'KILLED',
  interrupted: 'KILLED',
}

const ms = (instant: string) => Date.parse(instant)

/** What a parent and a child run have in common. */
function begun(said: string[], run: ParentRun | ChildRun, own: Readonly<Record<string, string>>) {
  const { [tagNames.note]: note, ...set } = run.tags
  const whole: { params?: JsonObject; tags?: JsonObject } = {}
  const params = (values: Readonly<Record<string, JsonValue>>) =>
    fitted('params', values, longest.param, whole, said)
  // Tags of MLflow's own are not for others to set.
  const free = Object.fromEntries(
    Object.entries(set).map(([name, value]) => [
      /^mlflow\./.test(name) ? `espalier.tag.${name}` : name,
      value,
    ]),
  )
  const setTags = fitted('tags', free, longest.tag, whole, said)
  const ownTags = fitted(
    'tags',
    note === undefined ? own : { ...own, 'mlflow.note.content': note },
    longest.tag,
    whole,
    said,
  )
  return {
    params,
    whole,
    tags: { ...setTags, ...ownTags },
    ownTags: [...Object.keys(setTags), ...(note === undefined ? [] : ['mlflow.note.content'])],
    status: statuses[run.status],
    started: ms(run.started),
    ended: run.ended === null ? null : ms(run.ended),
  }
}

/** Values as texts that the server takes, by names that it takes. */
function fitted(
  kind: 'params' | 'tags',
  values: Readonly<Record<string, JsonValue>>,
  length: number,
  whole: { params?: JsonObject; tags?: JsonObject },
  said: string[],
): Record<string, string> {
  const names = serverNames(Object.keys(values))
  const one = kind.slice(0, -1)
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const text = textOf(value)
      const called = names.get(name)!
      if (called !== name) said.push(`the ${one} "${name}" is called "${called}" there`)
      if (text.length > length) {
        said.push(
          `the ${one} "${name}" has ${text.length} characters, of which the server takes ${length}: the whole is in the artifact ${wholeName}`,
        )
        whole[kind] = { ...whole[kind], [name]: value }
      }
      return [called, cutTo(text, length)]
    }),
  )
}

/** The artifact with values that were cut. */
export const wholeName = 'espalier/whole-values.json'
/** The artifact with what the sweep was asked to do. */
export const specName = 'espalier/spec.json'

/** The page of a trial. `parentRunId`: the server's id of its sweep. */
export function trialPage(run: ChildRun, parent: ParentRun, parentRunId: string): Page {
  const said: string[] = []
  const isBest = parent.status !== 'running' && parent.best?.run === run.id
  const { params, whole, ...facts } = begun(said, run, {
    'mlflow.parentRunId': parentRunId,
    'mlflow.runName': run.name,
    ...sourceTags(parent, run.started),
    [serverTags.run]: run.id,
    [serverTags.sweep]: parent.id,
    [serverTags.role]: 'trial',
    [serverTags.status]: run.status,
    'espalier.trial': String(run.trial),
    ...(run.conditions.origin !== undefined && { 'espalier.rule': run.conditions.origin.rule }),
    'espalier.attempts': String(run.attempts.length + (run.status === 'interrupted' ? 0 : 1)),
    ...(run.attempts.length > 0 && { 'espalier.attemptsBefore': JSON.stringify(run.attempts) }),
    ...(run.error !== null && {
      'espalier.error': `${run.error.code}: ${run.error.message}`,
      'espalier.errorCode': run.error.code,
    }),
    ...('pruned' in run.conditions && { 'espalier.pruned': JSON.stringify(run.conditions.pruned) }),
    'espalier.best': String(isBest),
  })
  const data = datasetsOf(parent)
  const rows = rowsOf(run, parent, data, said)
  return {
    run: run.id,
    name: run.name,
    ...facts,
    params: params(run.params),
    ...rows,
    inputs: [data.training, ...data.folds].filter((one) => one !== null),
    whole: Object.keys(whole).length === 0 ? null : (whole as JsonObject),
    said,
  }
}

function rowsOf(
  run: ChildRun,
  parent: ParentRun,
  data: Datasets,
  said: string[],
): { steps: MetricRow[]; figures: MetricRow[] } {
  const began = ms(run.started)
  const isFolded = validationOf(parent) !== null
  // What folds report while they run may yet be dropped, and is not timed as in the end.
  if (run.ended === null && isFolded) return { steps: [], figures: [] }
  const ended = ms(run.ended ?? run.started)
  const finals = Object.entries(run.metrics).filter(([name, value]) => {
    const history = Object.hasOwn(run.history, name) ? run.history[name] : undefined
    return run.ended !== null && (isFolded || history === undefined || history.values.at(-1) !== value)
  })
  const named = (name: string) => (isFolded && !/\/fold\d+$/.test(name) ? `folds/${name}` : name)
  const final = (name: string) => (!isFolded && Object.hasOwn(run.history, name) ? `final/${name}` : name)
  const objectives = Object.entries(run.values).map(([name]) => `objective/${name}`)
  const names = serverNames([
    ...Object.keys(run.history).map(named),
    ...finals.map(([name]) => final(name)),
    ...objectives,
  ])
  for (const [name, called] of names)
    if (name !== called) said.push(`the metric "${name}" is called "${called}" there`)
  const steps: MetricRow[] = []
  for (const [name, { steps: at, values, times }] of Object.entries(run.history)) {
    if (run.ended === null && times === undefined) continue
    const key = names.get(named(name))!
    if (at.some((step) => !Number.isSafeInteger(step)))
      said.push(`steps of the metric "${name}" are not whole: they are rounded down there`)
    for (let i = 0; i < at.length; i++) {
      const span = isFolded && times === undefined ? run.conditions.fits?.to[at[i]] : undefined
      const timestamp = times !== undefined ? began + times[i] : span !== undefined ? began + span : ended
      const fold = isFolded && times === undefined ? data.folds.at(at[i])?.dataset : undefined
      steps.push({
        key,
        value: values[i],
        step: Math.floor(at[i]),
        timestamp: Math.round(timestamp),
        ...(fold && { dataset_name: fold.name, dataset_digest: fold.digest }),
      })
    }
  }
  if (run.ended === null) return { steps, figures: [] }
  const holdout = data.holdout?.dataset
  const figures = finals.map(([name, value]) => ({
    key: names.get(final(name))!,
    value,
    step: 0,
    timestamp: ended,
    ...(holdout &&
      /^holdout\p{Lu}/u.test(name) && { dataset_name: holdout.name, dataset_digest: holdout.digest }),
  }))
  for (const [name, value] of Object.entries(run.values))
    figures.push({ key: names.get(`objective/${name}`)!, value, step: 0, timestamp: ended })
  return { steps, figures }
}

/** An ended trial as the best value so far goes by it. */
export interface EndedValue {
  readonly trial: number
  /** ms since 1970. */
  readonly ended: number
  readonly value: number | null
}

/** The page of a sweep. `ended`: its trials that have ended. `bestRunId`: the server's id of the best one. */
export function sweepPage(parent: ParentRun, ended: readonly EndedValue[], bestRunId: string | null): Page {
  const said: string[] = []
  const { trials, best, objective } = parent
  const { params, whole, ...facts } = begun(said, parent, {
    'mlflow.runName': parent.name,
    ...sourceTags(parent, null),
    [serverTags.run]: parent.id,
    [serverTags.sweep]: parent.id,
    [serverTags.role]: 'sweep',
    [serverTags.status]: parent.status,
    'espalier.objective': `${objective.direction} ${objective.metric}`,
    'espalier.trials': textOf(parent.spec.trials ?? ''),
    'espalier.finished': String(trials.finished),
    'espalier.pruned': String(trials.pruned),
    'espalier.failed': String(trials.failed),
    'espalier.sessions': String(parent.sessions.length),
    ...(best !== null && {
      'espalier.bestRun': best.run,
      'espalier.bestTrial': String(best.trial),
      'espalier.bestValue': String(best.value),
      ...(bestRunId !== null && { 'espalier.bestMlflowRun': bestRunId }),
    }),
    ...(parent.error !== null && { 'espalier.error': `${parent.error.code}: ${parent.error.message}` }),
    ...(parent.deleted.length > 0 && {
      'espalier.deletedTrials': parent.deleted.map(({ trial }) => trial).join(', '),
    }),
  })
  const key = `objective/${objective.metric}`
  const names = serverNames([key, ...Object.keys(parent.metrics)])
  for (const [name, called] of names)
    if (name !== called) said.push(`the metric "${name}" is called "${called}" there`)
  const timestamp = ms(parent.ended ?? parent.started)
  const data = datasetsOf(parent)
  return {
    run: parent.id,
    name: cutTo(parent.name, longest.runName),
    ...facts,
    params: params(settings(parent.spec)),
    steps: bestSoFar(ended, objective.direction === 'maximize').map((row) => ({
      key: names.get(key)!,
      ...row,
    })),
    figures: Object.entries(parent.metrics).map(([name, value]) => ({
      key: names.get(name)!,
      value,
      step: 0,
      timestamp,
    })),
    inputs: [data.training, ...data.folds, data.holdout, data.test].filter((one) => one !== null),
    whole: Object.keys(whole).length === 0 ? null : (whole as JsonObject),
    said,
  }
}

/** The best value after so many trials had ended, each time there was a better one. */
function bestSoFar(
  ended: readonly EndedValue[],
  isMore: boolean,
): Pick<MetricRow, 'value' | 'step' | 'timestamp'>[] {
  const rows: { value: number; step: number; timestamp: number }[] = []
  const inOrder = [...ended].sort((a, b) => a.ended - b.ended || a.trial - b.trial)
  for (const [i, { value, ended: timestamp }] of inOrder.entries()) {
    const last = rows.at(-1)?.value
    if (value === null || (last !== undefined && (isMore ? value <= last : value >= last))) continue
    rows.push({ value, step: i + 1, timestamp })
  }
  return rows
}

/** What a sweep was asked to do that does not change while it goes on: params are written once. */
function settings(spec: JsonObject): Record<string, JsonValue> {
  const { search, validation, data, objective, parameters } = spec
  const flat = (prefix: string, value: JsonValue | undefined, names: readonly string[] | null) =>
    isJsonObject(value)
      ? Object.entries(value)
          .filter(([name, one]) => (names === null || names.includes(name)) && one !== null)
          .map(([name, one]): [string, JsonValue] => [`${prefix}${name}`, one as JsonValue])
      : []
  return {
    trainer: trainerName(spec),
    ...Object.fromEntries([
      ...flat('', objective, ['metric', 'direction']),
      ...flat('data.', data, ['file', 'target', 'digest', 'rows', 'columns', 'testFile']),
      ...flat('validation.', validation, null),
      ...flat('search.', search, ['algorithm', 'parallel', 'seed', 'replicates', 'pruner', 'advice']),
      ...flat('space.', parameters, null),
      ...flat('', spec, ['order', 'keepModels']),
    ]),
  }
}

/** Who ran it, from what; of a trial, of the session that it began in. */
function sourceTags(parent: ParentRun, at: string | null): Record<string, string> {
  const session = at === null ? parent.sessions[0] : parent.sessions.findLast(({ started }) => started <= at)
  const { user, git, commandLine } = (session ?? parent.sessions[0]).conditions
  const { commit, branch, remote } = isJsonObject(git) ? git : ({} as JsonObject)
  const source = parent.spec.source
  const command = Array.isArray(commandLine) ? commandLine.join(' ') : null
  const name = typeof source === 'string' ? source : command
  return {
    ...(user !== undefined && { 'mlflow.user': user }),
    ...(name !== null && { 'mlflow.source.name': name }),
    'mlflow.source.type': 'LOCAL',
    ...(typeof commit === 'string' && { 'mlflow.source.git.commit': commit }),
    ...(typeof branch === 'string' && { 'mlflow.source.git.branch': branch }),
    ...(typeof remote === 'string' && { 'mlflow.source.git.repoURL': remote }),
  }
}

interface Datasets {
  readonly training: DatasetInput | null
  /** What each fold is judged on. */
  readonly folds: readonly DatasetInput[]
  readonly holdout: DatasetInput | null
  readonly test: DatasetInput | null
}

function validationOf(parent: ParentRun): Readonly<Record<string, unknown>> | null {
  const { validation } = parent.spec
  return isJsonObject(validation) ? validation : null
}

/** Data sets by the parts of the sweep's own: a fold is known by the data, how they are divided, and its number. */
function datasetsOf(parent: ParentRun): Datasets {
  const { data } = parent.spec
  if (!isJsonObject(data)) return { training: null, folds: [], holdout: null, test: null }
  const validation = validationOf(parent)
  const { search } = parent.spec
  const divided = JSON.stringify([data.digest, validation, isJsonObject(search) ? search.seed : null])
  const file = String(data.file)
  const part = (name: string, context: string, digest: string, path: string): DatasetInput => ({
    tags: [{ key: 'mlflow.data.context', value: context }],
    dataset: {
      name: cutTo(name, longest.dataset),
      digest: digest.slice(0, longest.digest),
      source_type: 'local',
      source: JSON.stringify({ uri: pathToFileURL(path).href }),
      profile: JSON.stringify({
        num_rows: data.rows,
        features: data.columns,
        target: data.target,
        sha256: data.digest,
      }),
    },
  })
  const hash = (what: string) => createHash('sha256').update(`${divided}:${what}`).digest('hex')
  const fits = Number(validation?.fits ?? 0)
  const folds = Array.from({ length: fits }, (_, i) =>
    part(`${basename(file)} fold ${i}`, 'validation', hash(`fold ${i}`), file),
  )
  const { testFile, testDigest } = data
  return {
    training: part(basename(file), 'training', String(data.digest), file),
    folds,
    holdout: validation?.holdout ? part(`${basename(file)} holdout`, 'holdout', hash('holdout'), file) : null,
    test:
      typeof testFile === 'string' ? part(basename(testFile), 'holdout', String(testDigest), testFile) : null,
  }
}
