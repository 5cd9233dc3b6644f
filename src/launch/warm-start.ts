/**
 * Results of an earlier sweep of the store, as known results of a new one.
 *
 * Values compare where both sweeps measure the same: metric, direction, trainer, data and validation. Where one of them
 * is another, that has to be said twice. Params are taken into the new space: what is not in it any more is dropped, what is
 * new takes its default (else the middle of its range, the first of its values, where a Bayesian search begins), and
 * trials that then lie outside are passed over.
 */
import { isDeepStrictEqual } from 'node:util'
import { EspalierError, isEspalierError } from '../errors.js'
import { type Space, type WarmStartAspect, type WarmStartJson, warmStartAspects } from '../space/index.js'
import type { TrialObjective } from '../sweep/index.js'
import type { ChildRun, ParentRun, Store } from '../tracking/index.js'
import { trainerParameter, withOwnerCalled } from '../trainer-choice.js'
import { isBetter, type Params, type ParamValue } from '../values.js'
import { trainerInWords } from './choice.js'
import { isFromElsewhere } from './elsewhere.js'
import type { PreparedSweep } from './prepare.js'
import { environmentInWords } from './program-words.js'
import type { DataSpec, SweepSpec, TrainerSpec, WarmStartSpec } from './spec/types.js'
import { specOf } from './spec/version.js'

export interface WarmStart {
  /** null: `latest`, and no sweep fits. */
  readonly known: WarmStartSpec | null
  readonly notes: readonly string[]
}

type ChoiceSpec = TrainerSpec & { kind: 'choice' }

type Wanted = { readonly sweep: string; readonly despite: readonly WarmStartAspect[] }

/**
 * Looks up what a sweep asks to know from the start.
 * @throws EspalierError USAGE where the sweep named does not fit, RUN_UNKNOWN where there is none.
 */
export async function warmStartOf(
  store: Store,
  asked: string | WarmStartJson,
  prepared: PreparedSweep,
): Promise<WarmStart> {
  const wanted: Wanted =
    typeof asked === 'string'
      ? { sweep: asked, despite: [] }
      : { sweep: asked.sweep, despite: asked.despite ?? [] }
  if (wanted.sweep === 'latest') return fromLatest(store, wanted, prepared)
  const run = await store.run(wanted.sweep)
  if (run.kind === 'trial') {
    throw new EspalierError(
      'USAGE',
      `a warm start takes the id of a sweep (${run.id} is one of its trials); name its parent ${run.parent}`,
    )
  }
  const differences = unexcused(run, wanted, prepared.spec)
  if (differences.length > 0) throw differs(run, wanted, differences)
  const taken = await resultsOf(store, run, wanted, prepared)
  if (typeof taken === 'string') throw new EspalierError('USAGE', `${taken}; ${remedy}`)
  return taken
}

const remedy = 'name another sweep, or leave "warmStart" out'

/** The newest sweep that fits; without one the search begins as it would have. */
async function fromLatest(store: Store, wanted: Wanted, prepared: PreparedSweep): Promise<WarmStart> {
  const sweeps = await store.sweeps().catch((error: unknown): ParentRun[] => {
    // The first sweep of a store makes it.
    if (isEspalierError(error) && error.code === 'STORE_MISSING') return []
    throw error
  })
  let why = 'the store has no sweep yet'
  for (const [i, run] of sweeps.entries()) {
    const differences = unexcused(run, wanted, prepared.spec)
    const taken =
      differences.length > 0
        ? `sweep ${run.id} has ${inWords(differences)}`
        : await resultsOf(store, run, wanted, prepared)
    if (typeof taken !== 'string')
      return { ...taken, notes: [`the latest sweep that fits is ${run.id}`, ...taken.notes] }
    if (i === 0) why = taken
  }
  return {
    known: null,
    notes: [`nothing is known from the start: no sweep of the store fits (of the newest: ${why})`],
  }
}

interface Difference {
  readonly aspect: WarmStartAspect
  readonly earlier: string
  readonly here: string
}

function unexcused(run: ParentRun, { sweep, despite }: Wanted, now: SweepSpec): Difference[] {
  const then = specOf(run)
  // Of imported trials nobody knows what ran them: to name them is to say that they compare.
  const vouched = sweep !== 'latest' && isFromElsewhere(then) ? notKnownElsewhere : []
  return differencesOf(then, now).filter(
    ({ aspect }) => !despite.includes(aspect) && !vouched.includes(aspect),
  )
}

const notKnownElsewhere: readonly WarmStartAspect[] = ['trainer', 'data', 'validation']

/** What makes the values of two sweeps another thing. */
export function differencesOf(then: SweepSpec, now: SweepSpec): Difference[] {
  const both: { [A in WarmStartAspect]: (spec: SweepSpec) => { is: unknown; words: string } } = {
    metric: ({ objective: { metric, at = 'last' } }) => ({
      is: [metric, at],
      words: at === 'best' ? `${metric} at its best step` : metric,
    }),
    direction: ({ objective: { direction } }) => ({ is: direction, words: direction }),
    trainer: (spec) => ({
      is: spec.trainer,
      words: trainerInWords(spec.trainer) + asStarted(spec, then, now),
    }),
    data: ({ data }) => ({
      // Whether how a file is written was stated or found out makes no difference.
      is: data && [data.digest, data.target, settingsOf(data), data.readings],
      words: data === null ? 'none' : `${data.target} of ${data.file}${asRead(data, then.data, now.data)}`,
    }),
    validation: ({ validation }) => ({
      is: validation,
      words:
        validation === null
          ? 'none'
          : Object.entries(validation)
              .flatMap(([name, value]) => (value === null || name === 'fits' ? [] : [`${name} ${value}`]))
              .join(', '),
    }),
  }
  return warmStartAspects.flatMap((aspect) => {
    const [before, after] = [both[aspect](then), both[aspect](now)]
    if (aspect === 'trainer' ? sameTrainer(then, now) : isDeepStrictEqual(before.is, after.is)) return []
    return [{ aspect, earlier: before.words, here: after.words }]
  })
}

function settingsOf({ settings }: DataSpec): Partial<DataSpec['settings']> {
  const { separator: _, encoding: __, decimal: ___, ...others } = settings
  return others
}

/** What sets two readings of one file apart, where its name and the target do not. */
function asRead(data: DataSpec, then: DataSpec | null, now: DataSpec | null): string {
  if (then === null || now === null || then.file !== now.file || then.target !== now.target) return ''
  if (then.digest !== now.digest) return data === now ? ' as it is now' : ' as it was then'
  const settings = Object.keys(data.settings).length === 0 ? 'nothing' : JSON.stringify(data.settings)
  return ` with ${settings} said of its columns`
}

/** A program with its environment, and how its objective is read from what it prints or leaves. */
function programIn({ objective: { metric } }: SweepSpec, trainer: TrainerSpec & { kind: 'command' }) {
  const { command, environment = {}, metrics = {}, result = null } = trainer
  return { command, environment, reading: Object.hasOwn(metrics, metric) ? metrics[metric] : null, result }
}

/** What sets two programs of one command apart. */
function asStarted(spec: SweepSpec, then: SweepSpec, now: SweepSpec): string {
  const [own, before, after] = [spec, then, now].map((one) =>
    one.trainer.kind === 'command' ? programIn(one, one.trainer) : null,
  )
  if (own === null || before === null || after === null) return ''
  if (!isDeepStrictEqual(before.command, after.command)) return ''
  if (!isDeepStrictEqual(before.environment, after.environment))
    return ` with ${environmentInWords(own) || 'nothing'} in its environment`
  const { reading, result } = own
  return `, whose ${spec.objective.metric} is read by ${JSON.stringify(reading ?? result ?? 'its reports')}`
}

/** A module or a program that was edited in its place is the same one, as for a sweep that goes on. */
function sameTrainer(then: SweepSpec, now: SweepSpec): boolean {
  const [a, b] = [then.trainer, now.trainer]
  if (a.kind === 'command' && b.kind === 'command')
    return isDeepStrictEqual(programIn(then, a), programIn(now, b))
  // What only one of them chooses among is outside the space of the other.
  if (a.kind === 'choice' && b.kind === 'choice') {
    const both = Object.keys(a.trainers).filter((value) => Object.hasOwn(b.trainers, value))
    return both.every((value) => sameNamed(a.trainers[value], b.trainers[value])) && namesHere(a, b).size > 0
  }
  // A function that is passed as "run" has the name of its sweep.
  if (a.kind === 'function' && b.kind === 'function')
    return a.name === b.name || (then.data === null && now.data === null)
  return sameNamed(a, b)
}

/** What trainers among which both choose are called here, by what they were called then: a module may be in another place. */
function namesHere(then: ChoiceSpec, now: ChoiceSpec): Map<string, string> {
  const here = Object.entries(now.trainers)
  return new Map(
    Object.entries(then.trainers).flatMap(([value, trainer]) => {
      const same = here.filter(([, one]) => sameNamed(trainer, one)).map(([name]) => name)
      return same.length === 0 ? [] : [[value, same.includes(value) ? value : same[0]] as const]
    }),
  )
}

function calledAsHere(params: Params, then: TrainerSpec, now: TrainerSpec): Params {
  if (then.kind !== 'choice' || now.kind !== 'choice') return params
  const all = new Map(Object.keys(then.trainers).map((value) => [value, value]))
  const names = new Map([...all, ...namesHere(then, now)])
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      withOwnerCalled(name, names),
      name === trainerParameter ? (names.get(value as string) ?? value) : value,
    ]),
  )
}

function sameNamed(a: TrainerSpec, b: TrainerSpec): boolean {
  if (a.kind === 'module' && b.kind === 'module') return a.file === b.file || a.digest === b.digest
  return a.kind === 'built-in' && b.kind === 'built-in' && a.name === b.name
}

function inWords(differences: readonly Difference[]): string {
  return differences
    .map(({ aspect, earlier, here }) => `another ${aspect}: ${earlier} (here ${here})`)
    .join('; ')
}

function differs(run: ParentRun, { sweep, despite }: Wanted, differences: readonly Difference[]) {
  const all = [...despite, ...differences.map(({ aspect }) => aspect)]
  return new EspalierError(
    'USAGE',
    `a warm start takes values that compare (sweep ${run.id} has ${inWords(differences)}); ${remedy}, or say that they compare all the same: "warmStart": {"sweep": ${JSON.stringify(sweep)}, "despite": ${JSON.stringify(all)}} (--warm-start ${sweep} --despite ${all.join(',')})`,
    {
      problems: differences.map(({ aspect, earlier, here }) => ({
        path: 'search.warmStart',
        message: `another ${aspect}: ${earlier} (here ${here})`,
      })),
    },
  )
}

/** Its finished trials as they fit; in words why there are none. */
async function resultsOf(
  store: Store,
  run: ParentRun,
  { despite }: Wanted,
  { spec, space }: PreparedSweep,
): Promise<WarmStart | string> {
  const finished = (await store.trials(run.id)).filter(({ status }) => status === 'finished')
  if (finished.length === 0) return `a warm start needs finished trials (sweep ${run.id} has none)`
  const earlier = specOf(run)
  const valued = valuesOf(finished, earlier.objective, spec.objective)
  if (valued.length === 0) {
    const { metric, direction } = earlier.objective
    return `a warm start needs values to compare, and a value cannot be turned round (sweep ${run.id} was to ${direction} ${metric}, and its trials have no ${spec.objective.metric}, which is to ${spec.objective.direction} here)`
  }
  const fitted = valued.map(({ params, value }) => ({
    ...fit(calledAsHere(params, earlier.trainer, spec.trainer), space),
    value,
  }))
  const trials = fitted.filter(({ params }) => space.check(params).length === 0)
  if (trials.length === 0)
    return `a warm start needs trials in the space that is searched (none of the ${finished.length} finished ones of sweep ${run.id} lies in it)`
  const notes: string[] = isFromElsewhere(earlier)
    ? [
        `sweep ${run.id}, from which this one starts, was imported (${earlier.trainer.name}): what ran its trials, on which data, is not on record, and its values are taken to compare with these because it is named`,
      ]
    : []
  const some = (count: number) =>
    `${count} of the ${finished.length} finished trials of sweep ${run.id}, from which this one starts,`
  if (valued.length < finished.length)
    notes.push(
      `${some(finished.length - valued.length)} are passed over: they have no ${spec.objective.metric}`,
    )
  if (trials.length < valued.length)
    notes.push(`${some(valued.length - trials.length)} are passed over: they lie outside the space`)
  const dropped = [...new Set(trials.flatMap((trial) => trial.dropped))]
  if (dropped.length > 0)
    notes.push(
      `sweep ${run.id}, from which this one starts, had parameters that are left out here: ${dropped.join(', ')}; trials that differ in nothing else count as observations of the same params`,
    )
  const added = new Map(trials.flatMap((trial) => Object.entries(trial.added)))
  for (const [name, value] of added)
    notes.push(
      `sweep ${run.id}, from which this one starts, had no parameter "${name}": its trials count as ones with ${JSON.stringify(value)}`,
    )
  return {
    known: { sweep: run.id, despite, trials: trials.map(({ params, value }) => ({ params, value })) },
    notes,
  }
}

/**
 * The trials with their value for the new objective: another metric's, or that of the best step, is read from what the
 * trials recorded beside their own. Where none did, the values stand for each other as the caller says, if they point the same way.
 */
function valuesOf(
  trials: readonly ChildRun[],
  then: TrialObjective,
  now: TrialObjective,
): { params: Params; value: number }[] {
  const own = trials.map(({ params, value }) => ({ params, value: value! }))
  const { metric, direction } = now
  const isBest = now.at === 'best'
  // The record has the best step in place of the last one where that was asked for.
  const wasBest = then.metric === metric && then.at === 'best'
  if (then.metric === metric && !isBest && !wasBest) return own
  const recorded = trials.flatMap(({ params, metrics, history }) => {
    const steps = Object.hasOwn(history, metric) ? history[metric].values : []
    const ends = Object.hasOwn(metrics, metric) ? [metrics[metric]] : []
    const [value] =
      steps.length === 0
        ? ends
        : isBest
          ? [steps.reduce((a, b) => (isBetter(b, a, direction) ? b : a))]
          : wasBest
            ? steps.slice(-1)
            : ends
    return value === undefined ? [] : [{ params, value }]
  })
  if (recorded.length > 0) return recorded
  return then.direction === now.direction ? own : []
}

interface Fitted {
  readonly params: Params
  readonly dropped: readonly string[]
  readonly added: Readonly<Record<string, ParamValue>>
}

/** Params of one space as params of another, which they may still lie outside of. */
function fit(given: Params, space: Space): Fitted {
  const names = new Set(space.parameters.map(({ name }) => name))
  const dropped = Object.keys(given).filter((name) => !names.has(name))
  let known: Params = Object.fromEntries(Object.entries(given).filter(([name]) => names.has(name)))
  const start = startOf(space)
  for (;;) {
    const params = space.complete(known, start)
    const stated = space.parameters.flatMap((parameter) => {
      const { name } = parameter
      if (!Object.hasOwn(params, name) || Object.hasOwn(known, name)) return []
      const value = parameter.type === 'constant' ? undefined : parameter.default
      return value === undefined ? [] : [[name, value] as const]
    })
    if (stated.length === 0) {
      const added = Object.entries(params).filter(([name]) => !Object.hasOwn(given, name))
      return { params, dropped, added: Object.fromEntries(added) }
    }
    // A default may bring others into being.
    known = { ...known, ...Object.fromEntries(stated) }
  }
}

/** Where a search begins, also in parameters that are not active there. */
function startOf(space: Space): Float64Array {
  const centre = space.centre()
  const start = space.encode(centre)
  space.dimensions.forEach(({ parameter, kind, levelToUnit }, i) => {
    if (kind === 'categorical' && !Object.hasOwn(centre, parameter.name)) start[i] = levelToUnit(0)
  })
  return start
}
