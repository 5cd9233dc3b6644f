/** A sweep over a real space, searcher, executor and store, with an objective of the test's own. */
import { createInlineExecutor, type Executor } from '../../src/execution/index.js'
import { completeParams } from '../../src/launch/recorded-trial.js'
import {
  adviseStopping,
  createSearcher,
  type History,
  type Pruner,
  type Searcher,
  type SearchSettings,
} from '../../src/search/index.js'
import { createSpace, type Space } from '../../src/space/index.js'
import {
  type RecordedTrial,
  runSweep,
  type SweepEnd,
  type SweepEvent,
  type SweepSettings,
} from '../../src/sweep/index.js'
import {
  type AnsweredRequest,
  type ChildRun,
  hasEnded,
  openStore,
  type SweepWriter,
} from '../../src/tracking/index.js'
import type { ObjectiveContext, ObjectiveFunction } from '../../src/training/index.js'
import type { Metrics, Params } from '../../src/values.js'
import { steady } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'

export { temporaryDirectory }

export const square = createSpace({
  x: { type: 'float', min: -1, max: 1 },
  k: { type: 'int', min: 1, max: 50 },
})

export interface MiniSweep extends Partial<SweepSettings> {
  objectiveOf?: ObjectiveFunction
  space?: Space
  algorithm?: SearchSettings['algorithm']
  workers?: number
  record?: readonly RecordedTrial[]
  /** Heeds what is asked of it while it runs: of nothing, or of what these say was asked before. */
  requests?: true | readonly AnsweredRequest[]
  /** Goes on in this store instead of a new one. */
  store?: string
  sweep?: string
  stop?: AbortSignal
  kill?: AbortSignal
  searcher?: (searcher: Searcher) => Searcher
  writer?: (writer: SweepWriter) => SweepWriter
  pruner?: Pruner
  /** The value of each fold, where the sweep has folds: a real executor then runs a fold as an objective. */
  foldOf?: (
    params: Params,
    context: ObjectiveContext & { fold: number },
  ) => number | Metrics | Promise<number | Metrics>
}

export interface MiniResult {
  end: SweepEnd
  run: string
  store: string
  trials: readonly ChildRun[]
  events: SweepEvent[]
}

export async function miniSweep(options: MiniSweep = {}): Promise<MiniResult> {
  const settings: SweepSettings = {
    objectives: [{ metric: 'value', direction: 'minimize' }],
    trials: 20,
    parallel: 4,
    folds: null,
    seed: 1,
    order: 'trial',
    retries: 0,
    trialTimeout: Number.POSITIVE_INFINITY,
    keepModels: 'none',
    holdout: false,
    stopAt: null,
    maxTime: Number.POSITIVE_INFINITY,
    maxTimeGrace: Number.POSITIVE_INFINITY,
    ...options,
  }
  const space = options.space ?? square
  const directory = options.store ?? (await temporaryDirectory())
  const store = await openStore(directory)
  const made = await createSearcher(space, {
    algorithm: options.algorithm ?? 'random',
    seed: settings.seed,
    trials: settings.trials,
    parallel: settings.parallel,
  })
  const searcher = options.searcher?.(made) ?? made
  const { foldOf } = options
  const objective: ObjectiveFunction = foldOf
    ? (params, context) => foldOf(params, { ...context, fold: Number(params.fold) })
    : (options.objectiveOf ?? (({ x, k }) => (x as number) ** 2 + (k as number) / 100))
  const executor = createInlineExecutor(
    {
      plan: {
        trainer: { kind: 'function', name: 'objective' },
        data: null,
        resampling: null,
        seed: settings.seed,
        objectiveMetric: settings.objectives[0].metric,
      },
      workers: options.workers ?? 4,
      memoryLimit: null,
    },
    { kind: 'objective', objective: { name: 'objective', objective } },
  )
  const writer = options.sweep
    ? await store.resumeSweep(options.sweep, { conditions: {} })
    : await store.createSweep({
        experiment: 'mini',
        name: 'mini',
        objectives: settings.objectives,
        spec: {},
        conditions: {},
      })
  const events: SweepEvent[] = []
  try {
    const end = await runSweep(
      settings,
      {
        searcher,
        executor: foldOf ? withFolds(executor) : executor,
        pruner: options.pruner,
        advise: (history, foldValues) => adviseStopping(space, settings, history, { foldValues }),
        writer: options.writer?.(writer) ?? writer,
        packModel: (model) => [{ name: 'model.json', content: JSON.stringify(model) }],
        ...(options.requests && {
          requests: {
            before: options.requests === true ? [] : options.requests,
            complete: (params: Params) => completeParams(space, params),
          },
        }),
        onEvent: (event) => events.push(event),
        stop: options.stop ?? new AbortController().signal,
        kill: options.kill ?? new AbortController().signal,
      },
      options.record,
    )
    await writer.finish({ status: end.status })
    return { end, run: writer.id, store: directory, trials: await store.trials(writer.id), events }
  } catch (error) {
    await writer.finish({ status: 'interrupted' }).catch(() => {})
    throw error
  } finally {
    await executor.close()
  }
}

/** Folds as whole fits of an objective, which is told by the params which fold it is. */
function withFolds(executor: Executor): Executor {
  return {
    ...executor,
    run({ part, params, ...request }, options) {
      if (part.kind !== 'fold') throw new Error('only folds')
      return executor.run(
        { ...request, part: { kind: 'whole' }, params: { ...params, fold: part.fold } },
        options,
      )
    },
  }
}

/** What must be the same whatever the timing and the workers. */
export function essence({ end, trials }: Pick<MiniResult, 'end' | 'trials'>) {
  return {
    best: end.best && { trial: end.best.trial, value: end.best.values, params: end.best.params },
    counts: end.counts,
    trials: trials.map((run) => {
      const { conditions, ...rest } = steady(run)
      const { arrival: _, ...stated } = conditions
      return { ...rest, conditions: stated }
    }),
  }
}

/** Takes a note of every history a searcher is shown. */
export function watched(histories: { trial: number; history: History }[]) {
  return (searcher: Searcher): Searcher => ({
    suggest(history, trial) {
      histories.push({
        trial,
        history: { ...history, trials: [...history.trials], pending: [...history.pending] },
      })
      return searcher.suggest(history, trial)
    },
  })
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A child run as a resumed sweep takes it up. */
export function toRecord(child: ChildRun): RecordedTrial {
  return {
    trial: child.trial,
    params: child.params,
    origin: child.conditions.origin as RecordedTrial['origin'],
    attempts: child.attempts.length + (hasEnded(child) ? 0 : 1),
    failures: child.attempts.filter(({ error }) => error !== null).length,
    outcome: hasEnded(child) ? child : null,
    arrival: child.conditions.arrival ?? null,
    knew: child.conditions.knew ?? null,
    hasModel: false,
  }
}
