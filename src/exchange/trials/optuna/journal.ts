/**
 * Optuna's journal (JournalFileBackend): JSON lines, an operation each, which are played in their order. As Optuna plays them: what
 * changes a trial that has ended, a study that is not there, or a parameter of another kind counts for nothing.
 */
import { EspalierError } from '../../../errors.js'
import { isJsonObject } from '../../../values.js'
import { utcTime } from '../time.js'
import { type Distribution, outward, parseDistribution } from './distributions.js'
import { parsePython } from './python-json.js'
import { type OptunaState, type OptunaStorage, type OptunaStudy, type OptunaTrial, states } from './study.js'

/** Its operations, by code. */
export const operations = {
  createStudy: 0,
  deleteStudy: 1,
  setStudyUserAttr: 2,
  setStudySystemAttr: 3,
  createTrial: 4,
  setTrialParam: 5,
  setTrialState: 6,
  setTrialIntermediate: 7,
  setTrialUserAttr: 8,
  setTrialSystemAttr: 9,
  discardTrials: 10,
} as const

interface Trial {
  number: number
  state: OptunaState
  values: number[] | null
  params: Map<string, unknown>
  distributions: Map<string, Distribution>
  intermediate: Map<number, number>
  started: string | null
  completed: string | null
  userAttrs: Record<string, unknown>
  systemAttrs: Record<string, unknown>
  study: Study
}

interface Study {
  name: string
  directions: OptunaStudy['directions']
  userAttrs: Record<string, unknown>
  systemAttrs: Record<string, unknown>
  trials: Trial[]
  /** Of each parameter, in the first trial that has it. */
  first: Map<string, Distribution>
}

type Log = Readonly<Record<string, unknown>>

/**
 * Plays a journal.
 * @param file its name, for messages.
 * @throws EspalierError DATA_INVALID where a line is none of a journal's, with its number.
 */
export function readJournal(bytes: Buffer, file: string): OptunaStorage {
  const play = new Player()
  const warnings: string[] = []
  let line = 0
  for (let from = 0; from < bytes.length; ) {
    line++
    const end = bytes.indexOf(10, from)
    if (end < 0) {
      warnings.push(
        `the last line of ${file} (line ${line}, ${bytes.length - from} bytes) has no end, as a crash or a writer at work leaves it: it is left out`,
      )
      break
    }
    const text = bytes.toString('utf8', from, end)
    from = end + 1
    let log: unknown
    try {
      log = parsePython(text)
    } catch {
      throw broken(file, line, 'is no JSON', text)
    }
    if (!isJsonObject(log) || typeof log.op_code !== 'number')
      throw broken(file, line, 'has no "op_code"', text)
    try {
      if (!play.apply(log)) throw broken(file, line, `has the unknown operation ${log.op_code}`, text)
    } catch (error) {
      if (error instanceof EspalierError) throw error
      throw broken(file, line, 'lacks what its operation needs', text)
    }
  }
  if (play.hasLocalTimes)
    warnings.push(
      'its times are without a time zone (Optuna before version 5): they are taken as of this machine',
    )
  return {
    names: [...play.studies.values()].map(({ name }) => name),
    study: (name) => finished([...play.studies.values()].find((study) => study.name === name)!),
    warnings,
  }
}

function broken(file: string, line: number, what: string, text: string): EspalierError {
  return new EspalierError(
    'DATA_INVALID',
    `each line of Optuna's journal is an operation as JSON, and line ${line} of ${file} ${what} (${text.slice(0, 80)}); is it a journal of JournalFileBackend? (espalier import csv takes tables)`,
  )
}

class Player {
  readonly studies = new Map<number, Study>()
  hasLocalTimes = false
  #next = 0
  readonly #trials: Trial[] = []
  readonly #distributions = new Map<string, Distribution>()

  /** False where the operation is unknown. */
  apply(log: Log): boolean {
    switch (log.op_code) {
      case operations.createStudy:
        this.#createStudy(log.study_name as string, log.directions as number[])
        return true
      case operations.deleteStudy:
        this.studies.delete(log.study_id as number)
        return true
      case operations.setStudyUserAttr:
        Object.assign(this.studies.get(log.study_id as number)?.userAttrs ?? {}, log.user_attr)
        return true
      case operations.setStudySystemAttr:
        Object.assign(this.studies.get(log.study_id as number)?.systemAttrs ?? {}, log.system_attr)
        return true
      case operations.createTrial:
        this.#createTrial(log)
        return true
      case operations.discardTrials:
        return true
    }
    const isOfTrial =
      typeof log.op_code === 'number' &&
      log.op_code >= operations.setTrialParam &&
      log.op_code <= operations.setTrialSystemAttr
    if (!isOfTrial) return false
    const trial = this.#trials[log.trial_id as number]
    if (trial !== undefined && !hasEnded(trial.state)) this.#change(trial, log)
    return true
  }

  #createStudy(name: string, directions: readonly number[]): void {
    if ([...this.studies.values()].some((study) => study.name === name)) return
    this.studies.set(this.#next++, {
      name,
      directions: directions.map((one) => (one === 1 ? 'minimize' : one === 2 ? 'maximize' : null)),
      userAttrs: {},
      systemAttrs: {},
      trials: [],
      first: new Map(),
    })
  }

  #createTrial(log: Log): void {
    const study = this.studies.get(log.study_id as number)
    if (study === undefined) return
    const value = log.values ?? (log.value == null ? null : [log.value])
    const trial: Trial = {
      number: study.trials.length,
      state: states[(log.state as number | undefined) ?? 0],
      values: value as number[] | null,
      params: new Map(),
      distributions: new Map(),
      intermediate: new Map(),
      started: this.#time(log.datetime_start),
      completed: this.#time(log.datetime_complete),
      userAttrs: { ...(log.user_attrs as object) },
      systemAttrs: { ...(log.system_attrs as object) },
      study,
    }
    if (trial.state === undefined) throw new TypeError('no state')
    const distributions = (log.distributions ?? {}) as Record<string, string>
    for (const [name, inside] of Object.entries((log.params ?? {}) as Record<string, number>))
      this.#setParam(trial, name, this.#distribution(distributions[name]), inside)
    for (const [step, value] of Object.entries((log.intermediate_values ?? {}) as Record<string, number>))
      trial.intermediate.set(Number(step), value)
    study.trials.push(trial)
    this.#trials.push(trial)
  }

  #change(trial: Trial, log: Log): void {
    switch (log.op_code) {
      case operations.setTrialParam: {
        const name = log.param_name as string
        const distribution = this.#distribution(log.distribution as string)
        const first = trial.study.first.get(name)
        if (first === undefined || isCompatible(first, distribution))
          this.#setParam(trial, name, distribution, log.param_value_internal as number)
        break
      }
      case operations.setTrialState: {
        const state = states[log.state as number]
        if (state === undefined) throw new TypeError('no state')
        if (state === 'RUNNING' && trial.state === 'RUNNING') return
        if (state === 'RUNNING') trial.started = this.#time(log.datetime_start)
        if (hasEnded(state)) trial.completed = this.#time(log.datetime_complete)
        trial.state = state
        if (log.values != null) trial.values = log.values as number[]
        break
      }
      case operations.setTrialIntermediate:
        trial.intermediate.set(log.step as number, log.intermediate_value as number)
        break
      case operations.setTrialUserAttr:
        Object.assign(trial.userAttrs, log.user_attr)
        break
      case operations.setTrialSystemAttr:
        Object.assign(trial.systemAttrs, log.system_attr)
    }
  }

  #setParam(trial: Trial, name: string, distribution: Distribution, inside: number): void {
    trial.params.set(name, outward(distribution, inside))
    trial.distributions.set(name, distribution)
    if (!trial.study.first.has(name)) trial.study.first.set(name, distribution)
  }

  /** Thousands of trials have the same few. */
  #distribution(text: string): Distribution {
    let known = this.#distributions.get(text)
    if (known === undefined) {
      known = parseDistribution(text)
      this.#distributions.set(text, known)
    }
    return known
  }

  #time(text: unknown): string | null {
    if (typeof text !== 'string') return null
    if (!/(?:Z|[+-]\d\d:?\d\d)$/.test(text.slice(10))) this.hasLocalTimes = true
    return utcTime(text, 'local')
  }
}

function hasEnded(state: OptunaState): boolean {
  return state === 'COMPLETE' || state === 'PRUNED' || state === 'FAIL'
}

/** Whether Optuna takes the second for a parameter that has the first. */
function isCompatible(a: Distribution, b: Distribution): boolean {
  if (a.kind === 'categorical' || b.kind === 'categorical')
    return a.kind === b.kind && JSON.stringify(a) === JSON.stringify(b)
  return a.kind === b.kind && a.log === b.log
}

function finished({ name, directions, userAttrs, systemAttrs, trials }: Study): OptunaStudy {
  return {
    name,
    directions,
    userAttrs,
    systemAttrs,
    trials: trials.map(({ study: _, intermediate, ...trial }): OptunaTrial => {
      return { ...trial, intermediate: [...intermediate].sort(([a], [b]) => a - b) }
    }),
  }
}
