/**
 * Sweeps made up from a seed, loaded as the page loads them: for pictures of every kind of record. The value falls with the
 * distance from a known best setting, so that what a picture says of them can be checked.
 */
import { computed, signal } from '@preact/signals'
import type { Insight, ParameterInsight, Surface } from '../../../src/analysis/index.js'
import type {
  FitSpan,
  ParameterFacts,
  SweepHead,
  TrialRow,
  TrialSteps,
} from '../../../src/dashboard/data/index.js'
import { TrialTable } from '../../../src/dashboard/data/index.js'
import { plainAxes } from '../../../src/dashboard/page/axes-view.js'
import type { LoadedSweep } from '../../../src/dashboard/page/loaded.js'
import { everything, selectRows } from '../../../src/dashboard/page/selection.js'
import type { Source } from '../../../src/dashboard/page/source.js'
import { randomStream } from '../../../src/numeric/streams.js'
import type { RunStatus } from '../../../src/tracking/index.js'
import type { ParamValue } from '../../../src/values.js'

export interface Recipe {
  readonly trials: number
  readonly name?: string
  readonly seed?: number
  /** `learning_rate` (log), `depth` (whole), `kernel` (category), `gamma` (log, where the kernel is rbf), then more numbers. */
  readonly parameters?: number
  readonly direction?: 'maximize' | 'minimize'
  readonly kind?: 'ordinary' | 'failures' | 'equal' | 'hostile' | 'gaps'
  readonly running?: number
  readonly spans?: boolean
  readonly steps?: boolean
  /** Without an insight that can tell anything. */
  readonly unsure?: boolean
}

const begun = Date.UTC(2026, 10, 26, 9, 0, 0)
const hostile =
  '<img src=x onerror=alert(1)>\u202egnp.exe\n\u0007 a name that is very long and goes on and on and on'

function factsOf({ parameters = 6, kind = 'ordinary' }: Recipe): ParameterFacts[] {
  const number = (name: string, min: number, max: number, log = false, integer = false): ParameterFacts => ({
    name,
    kind: 'number',
    integer,
    log,
    min,
    max,
    values: null,
    default: null,
    when: null,
  })
  const all: ParameterFacts[] = [
    number('learning_rate', 1e-5, 0.1, true),
    number('depth', 1, 12, false, true),
    {
      ...number('kernel', 0, 0),
      kind: 'category',
      min: null,
      max: null,
      values: kind === 'hostile' ? [hostile, 'x'.repeat(300), 'rbf'] : ['linear', 'poly', 'rbf'],
    },
    { ...number('gamma', 1e-4, 10, true), when: 'kernel is rbf' },
    number('dropout', 0, 0.6),
    number(kind === 'hostile' ? hostile : 'momentum', 0, 1),
  ]
  for (let k = all.length; k < parameters; k++) all.push(number(`weight_${k}`, -1, 1))
  return all.slice(0, parameters)
}

function rowOf(trial: number, recipe: Recipe, facts: readonly ParameterFacts[]): TrialRow {
  const { seed = 1, kind = 'ordinary', direction = 'maximize', trials, running = 0 } = recipe
  const stream = randomStream(seed, 'synthetic', trial)
  const progress = trial / Math.max(1, trials)
  const params: Record<string, ParamValue> = {}
  let loss = 0.02
  for (const { name, kind: sort, log, integer, min, max, values, when } of facts) {
    // Draws come nearer to the best at 0.7 of each range as the sweep goes on.
    const unit = Math.min(
      1,
      Math.max(0, stream.next() * (1 - progress) + progress * (0.7 + 0.12 * stream.normal())),
    )
    if (when !== null && params.kernel !== 'rbf') continue
    if (sort === 'category') {
      const at = Math.min(values!.length - 1, Math.floor(unit * values!.length))
      params[name] = values![at]
      loss += at === values!.length - 1 ? 0 : 0.05
    } else {
      const value = log ? min! * (max! / min!) ** unit : min! + (max! - min!) * unit
      params[name] = integer ? Math.round(value) : value
      const weight = { learning_rate: 0.9, depth: 0.25, gamma: 0.3, dropout: 0.08 }[name] ?? 0.01
      loss += weight * (unit - 0.7) ** 2
    }
  }
  const noise = 0.008 * stream.normal()
  const draw = stream.next()
  const status: RunStatus =
    trial >= trials - running
      ? 'running'
      : kind === 'failures' || draw < 0.05
        ? 'failed'
        : draw < 0.17 && kind !== 'equal'
          ? 'pruned'
          : 'finished'
  const exact = kind === 'equal' ? 0.3 : Math.max(0.005, loss + Math.abs(noise))
  const value = direction === 'maximize' ? 1 - exact : exact
  const has = status === 'finished' || (status === 'pruned' && trial % 3 === 0)
  const [seat, turn] = [trial % 4, Math.floor(trial / 4)]
  const seconds = 1.5 + 3 * stream.next() + (Number(params.depth ?? 4) / 12) * 4
  const started = begun + turn * 8_000 + seat * 350
  const fits: FitSpan[] =
    recipe.spans === false
      ? []
      : [{ seat, start: started + 300, end: status === 'running' ? null : started + 1000 * seconds }]
  const gap = kind === 'gaps' && trial % 3 === 0
  return {
    trial,
    run: `run-${trial}`,
    status,
    started,
    ended: status === 'running' ? null : started + 1000 * seconds,
    params,
    value: has ? value : null,
    metrics:
      has && !gap
        ? { accuracy: value, logLoss: 0.1 + exact * 2 + 0.02 * stream.next(), fitSeconds: seconds * 0.8 }
        : {},
    rule: trial < 10 ? 'initial' : 'model',
    predicted:
      trial < 10 || recipe.unsure
        ? null
        : { mean: value + 0.015 * stream.normal(), deviation: 0.012 + 0.03 * (1 - progress) },
    error: status === 'failed' ? ['TRIAL_TIMEOUT', 'TRIAL_FAILED', 'OUT_OF_MEMORY'][trial % 3] : null,
    attempts: 1,
    tags: kind === 'hostile' ? { [hostile]: hostile } : {},
    fits,
  }
}

function stepsOf(row: TrialRow, steps: number): TrialSteps {
  const stream = randomStream(7, 'steps', row.trial)
  const upTo = row.status === 'pruned' ? Math.ceil(steps / 4) : row.status === 'failed' ? 3 : steps
  const level = 1 - (row.value ?? 0.6)
  const curve = (gap: number) =>
    Array.from(
      { length: upTo },
      (_, k) =>
        level + gap * (k / steps) ** 2 + (1.6 - level) * Math.exp((-6 * k) / steps) + 0.02 * stream.normal(),
    )
  const at = Array.from({ length: upTo }, (_, k) => k + 1)
  return {
    trial: row.trial,
    status: row.status,
    history: { loss: { steps: at, values: curve(0) }, val_loss: { steps: at, values: curve(0.25) } },
  }
}

function insightOf(recipe: Recipe, facts: readonly ParameterFacts[], trials: number): Insight {
  const weights = [0.46, 0.18, 0.14, 0.1, 0.07, 0.05, ...new Array(20).fill(0.002)]
  const share = (importance: number, k: number) => ({
    importance,
    low: importance * 0.7,
    high: Math.min(1, importance * 1.25 + 0.01 * (k % 3)),
  })
  const total = weights.slice(0, facts.length).reduce((sum, one) => sum + one, 0)
  const parameters = facts.map((one, k): ParameterInsight => {
    const at = one.kind === 'category' ? one.values! : along(one)
    const units = at.map((_, index) =>
      one.kind === 'category' ? index / at.length : index / (at.length - 1),
    )
    const mean = units.map((unit) => (recipe.kind === 'equal' ? 0.7 : 0.93 - weights[k] * (unit - 0.7) ** 2))
    return {
      name: one.name,
      ...share(weights[k] / total, k),
      active: one.when === null ? 1 : 0.4,
      pedAnova: share(weights[k] / total, k),
      amongBetter: trials < 40 ? null : share(weights[(k + 1) % facts.length] / total, k),
      sobol: share(Math.min(1, weights[k] * 1.3), k),
      tunability: null,
      marginal: {
        at,
        mean: recipe.direction === 'minimize' ? mean.map((value) => 1 - value) : mean,
        deviation: units.map((unit) => 0.01 + 0.03 * (unit - 0.6) ** 2),
        trials: units.map(() => Math.ceil(trials / at.length)),
      },
      good:
        one.kind === 'category'
          ? { kind: 'values', values: [one.values![0]] }
          : { kind: 'range', min: one.min!, max: one.max! },
    }
  })
  const unsure =
    recipe.unsure === true
      ? `${trials} trials of ${facts.length} parameters cannot tell what mattered.`
      : null
  return {
    sweep: 'sweep',
    metric: 'accuracy',
    direction: recipe.direction ?? 'maximize',
    trials,
    unsure,
    parameters: unsure === null ? parameters : [],
    pairs:
      unsure !== null || facts.length < 2
        ? []
        : [
            {
              x: facts[0].name,
              y: facts[1].name,
              interaction: 0.08,
              best: { [facts[0].name]: 0.004, [facts[1].name]: 9 },
            },
            ...(facts.length > 3
              ? [
                  {
                    x: facts[0].name,
                    y: facts[2].name,
                    interaction: 0.03,
                    best: { [facts[0].name]: 0.004, kernel: 'rbf' },
                  },
                ]
              : []),
          ],
    health:
      trials === 0
        ? []
        : [
            {
              kind: 'at-bound',
              severity: 'warning',
              message: 'The best trials have depth at 12, the greatest that it may be.',
              remedy: 'Let depth go up to 24 in the next sweep.',
              parameter: 'depth',
              trials: [3, 8, 12],
            },
            {
              kind: 'failures-gather',
              severity: 'note',
              message: 'Most failures are where learning_rate is above 0.05.',
              remedy: 'Lower the greatest learning_rate, or look at the log of trial 4.',
              parameter: 'learning_rate',
              trials: [4],
            },
          ],
  }
}

function along({ min, max, log }: ParameterFacts): number[] {
  return Array.from({ length: 25 }, (_, k) =>
    log ? min! * (max! / min!) ** (k / 24) : min! + ((max! - min!) * k) / 24,
  )
}

function surfaceOf(facts: readonly ParameterFacts[], x: string, y: string): Surface | null {
  const [fx, fy] = [x, y].map((name) => facts.find((one) => one.name === name))
  if (fx === undefined || fy === undefined) return null
  const [xAt, yAt] = [fx, fy].map((one) => (one.kind === 'category' ? [...one.values!] : along(one)))
  const unit = (k: number, count: number) => k / Math.max(1, count - 1)
  const grid = (of: (u: number, v: number) => number) =>
    yAt.map((_, j) => xAt.map((_, i) => of(unit(i, xAt.length), unit(j, yAt.length))))
  return {
    x,
    y,
    xAt,
    yAt,
    mean: grid((u, v) => 0.95 - 0.6 * (u - 0.7) ** 2 - 0.25 * (v - 0.7) ** 2 + 0.2 * (u - 0.7) * (v - 0.7)),
    deviation: grid(() => 0.02),
  }
}

/** A sweep as the page has it open. */
export function syntheticSweep(recipe: Recipe): LoadedSweep {
  const facts = factsOf(recipe)
  const table = new TrialTable(facts)
  const rows = Array.from({ length: recipe.trials }, (_, trial) => rowOf(trial, recipe, facts))
  for (const row of rows) table.upsert(row)
  const direction = recipe.direction ?? 'maximize'
  const sign = direction === 'maximize' ? -1 : 1
  const finished = rows.filter(({ status, value }) => status === 'finished' && value !== null)
  const best = finished.reduce<TrialRow | null>(
    (so, row) => (so === null || sign * row.value! < sign * so.value! ? row : so),
    null,
  )
  const count = (status: RunStatus) => rows.filter((row) => row.status === status).length
  const name = recipe.kind === 'hostile' ? hostile : (recipe.name ?? 'wine-svm')
  const objective = { metric: 'accuracy', direction }
  const trials = {
    finished: count('finished'),
    pruned: count('pruned'),
    failed: count('failed'),
    running: count('running'),
  }
  const bestOf = best === null ? null : { run: best.run, trial: best.trial, value: best.value! }
  const head = {
    run: {
      kind: 'sweep',
      id: 'sweep',
      experiment: 'wine',
      name,
      status: trials.running > 0 ? 'running' : 'finished',
      started: new Date(begun).toISOString(),
      ended: trials.running > 0 ? null : new Date(begun + 3_600_000).toISOString(),
      objectives: [objective],
      objective,
      trials,
      best: bestOf,
      metrics: {},
      tags: {},
      artifacts: [],
      error: null,
      spec: {},
      sessions: [],
      deleted: [],
    },
    entry: {
      id: 'sweep',
      experiment: 'wine',
      name,
      status: trials.running > 0 ? 'running' : 'finished',
      started: begun,
      ended: null,
      objective,
      trials,
      planned: recipe.trials,
      best: bestOf,
      holdout: best === null ? null : best.value! + sign * 0.012,
      corrected:
        best === null
          ? null
          : {
              mean: best.value! + sign * 0.009,
              low: best.value! + sign * 0.02,
              high: best.value! - sign * 0.001,
            },
      baseline: { name: 'the commonest class', value: direction === 'maximize' ? 0.4 : 0.6 },
      reproduced: null,
      spark: [],
      trialsPerMinute: null,
      secondsLeft: null,
      tags: {},
    },
    parameters: facts,
    metrics: ['accuracy', 'logLoss', 'fitSeconds'],
    judging: null,
    workers: [],
  } as unknown as SweepHead
  const selection = signal(everything)
  const version = signal(0)
  const headSignal = signal(head)
  const mask = computed(() => {
    version.value
    return selectRows(head, table, selection.value, null)
  })
  const insight = insightOf(recipe, facts, finished.length)
  const source = {
    live: false,
    surface: async (_: string, x: string, y: string) => surfaceOf(facts, x, y),
    insight: async () => insight,
    steps: async (_: string, asked: readonly number[]) =>
      recipe.steps === false
        ? []
        : asked.filter((trial) => trial < rows.length).map((trial) => stepsOf(rows[trial], 60)),
  } as unknown as Source
  return {
    id: name,
    source,
    head: headSignal,
    table,
    version,
    stepped: signal(0),
    selection,
    axes: signal(plainAxes),
    mask,
    selected: computed(() => mask.value.reduce((sum, one) => sum + one, 0)),
    metric: signal(objective.metric),
    insight: signal<Insight | null>(insight),
    insightProblem: signal<string | null>(null),
    hovered: signal<number | null>(null),
    open: () => undefined,
  }
}
