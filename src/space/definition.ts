/**
 * The one definition of a sweep file: what the program validates with, and what the JSON Schema for editors is
 * generated from. It says what each key is and what kind of value it takes; the laws between keys (min < max, a
 * `when` without circles) are in parameters.ts.
 *
 * zod takes tens of milliseconds to load, so it is loaded when a space is first validated and not before. Its
 * CommonJS build is used, because only that can be loaded without waiting.
 */
import { createRequire } from 'node:module'
import type * as Zod from 'zod'
import { encodings, type JsonObject, type ParamValue, separatorPattern, thousandsMarks } from '../values.js'
import type { ParameterJson, PrunerJson, PrunerName, SweepFileJson } from './types.js'

/** In the order in which they are told. */
export const warmStartAspects = ['metric', 'direction', 'trainer', 'data', 'validation'] as const

type ParameterType = 'float' | 'int' | 'categorical' | 'ordinal' | 'constant'

export interface SweepFileDefinition {
  readonly file: Zod.ZodType<SweepFileJson>
  /** The entries of the file that are objects with keys of their own, by name; '' is the file itself. */
  readonly sections: Readonly<Record<string, Zod.ZodObject>>
  /** A parameter written as an object, by its `type`. */
  readonly parameterTypes: Readonly<Record<ParameterType, Zod.ZodObject>>
  /** A pruner written as an object, by its `name`. */
  readonly pruners: Readonly<Record<PrunerName, Zod.ZodObject>>
  /** \`search.warmStart\` written as an object. */
  readonly warmStart: Zod.ZodObject
  /** A trainer written as an object. */
  readonly program: Zod.ZodObject
  /** Its `result` written as an object. */
  readonly programResult: Zod.ZodObject
  /** An entry of `metrics` written as an object. */
  readonly ownMetric: Zod.ZodObject
}

/** Points of one parameter on a grid: more would be a slip, and would have to be held in memory. */
const mostGridPoints = 100_000

let loaded: { readonly z: typeof Zod; readonly definition: SweepFileDefinition } | undefined

function load() {
  if (loaded === undefined) {
    const z: typeof Zod = createRequire(import.meta.url)('zod')
    loaded = { z, definition: define(z) }
  }
  return loaded
}

export function sweepFileDefinition(): SweepFileDefinition {
  return load().definition
}

function define(z: typeof Zod): SweepFileDefinition {
  const scalars = [z.string(), z.number(), z.boolean(), z.null()] as const
  const scalar = z
    .union(scalars)
    .meta({ id: 'scalar', description: 'A fixed value: a text, a number, true, false or null.' })
  // What stands inside a list or an object is checked by json.ts.
  const value = z.union([...scalars, z.array(z.unknown()), z.record(z.string(), z.unknown())]).meta({
    id: 'value',
    description: 'A value of a parameter: a text, a number, true, false, null, a list or an object.',
  }) as unknown as Zod.ZodType<ParamValue>

  const when = z
    .record(z.string(), z.array(value).min(1).meta({ uniqueItems: true }))
    .meta({
      description:
        'The parameter exists only while each of the parameters named here has one of the values listed for it. Otherwise it is absent from the params.',
      examples: [{ optimizer: ['sgd'] }],
    })
    .optional()
  const description = z.string().describe('What the parameter is, in your own words.').optional()
  const scale = z
    .enum(['linear', 'log'])
    .describe('How values are spread: evenly, or evenly in their logarithm ("min" must then be above 0).')
    .optional()
  const values = z.array(value).min(1).meta({ uniqueItems: true })
  const gridOf = (what: string) =>
    z
      .int()
      .min(1)
      .max(mostGridPoints)
      .describe(`How many points a grid search takes, both ends included: ${what} unless stated.`)
      .optional()

  const parameterTypes = {
    float: z
      .strictObject({
        type: z.literal('float'),
        min: z.number().describe('The smallest value, itself included.'),
        max: z.number().describe('The largest value, itself included.'),
        scale,
        step: z
          .number()
          .gt(0)
          .describe('Only min, min + step, min + 2 step … up to max. The last point may lie below max.')
          .optional(),
        grid: gridOf('5, or every point where there is a step,'),
        default: z.number().describe('Where a Bayesian search begins; the middle unless stated.').optional(),
        description,
        when,
      })
      .meta({ id: 'float', description: 'A number between min and max.' }),
    int: z
      .strictObject({
        type: z.literal('int'),
        min: z.int().describe('The smallest value, itself included.'),
        max: z.int().describe('The largest value, itself included.'),
        scale,
        step: z
          .int()
          .min(1)
          .describe('Only min, min + step, min + 2 step … up to max. The last point may lie below max.')
          .optional(),
        grid: gridOf('every value'),
        default: z.int().describe('Where a Bayesian search begins; the middle unless stated.').optional(),
        description,
        when,
      })
      .meta({ id: 'int', description: 'A whole number between min and max.' }),
    categorical: z
      .strictObject({
        type: z.literal('categorical'),
        values: values.describe('The choices. Their order has no meaning.'),
        default: value
          .describe('Where a Bayesian search begins; the first of the values unless stated.')
          .optional(),
        description,
        when,
      })
      .meta({ id: 'categorical', description: 'One of a list of values.' }),
    ordinal: z
      .strictObject({
        type: z.literal('ordinal'),
        values: values.describe('The choices in their order, which the search makes use of.'),
        default: value.describe('Where a Bayesian search begins; the middle unless stated.').optional(),
        description,
        when,
      })
      .meta({ id: 'ordinal', description: 'One of a list of values in a meaningful order.' }),
    constant: z
      .strictObject({
        type: z.literal('constant'),
        value: value.describe('The value.'),
        description,
        when,
      })
      .meta({
        id: 'constant',
        description: 'A fixed value. Without "when" or "description" the bare value says the same.',
      }),
  }
  const { float, int, categorical, ordinal, constant } = parameterTypes
  const parameter: Zod.ZodType<ParameterJson> = z.union([
    scalar,
    z.discriminatedUnion('type', [float, int, categorical, ordinal, constant]),
  ])

  const columnNames = z.array(z.string().min(1)).min(1).meta({ uniqueItems: true })
  const words = (description: string, example: string[]) =>
    z
      .array(z.string().min(1))
      .min(1)
      .meta({ uniqueItems: true, description, examples: [example] })
      .optional()
  const data = z.strictObject({
    file: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1).meta({ uniqueItems: true })])
      .describe(
        'A CSV, TSV, JSON lines or Parquet file (packed by gzip or zip too), relative to this file; or a list of files with the same columns, whose rows come in this order.',
      ),
    target: z.string().min(1).describe('The column to predict.'),
    format: z
      .enum(['csv', 'tsv', 'jsonl', 'parquet'])
      .describe("The format of the files: by each one's extension unless stated.")
      .optional(),
    columns: columnNames
      .describe('The columns that are features: every column without another role unless stated.')
      .optional(),
    exclude: columnNames.describe('Columns that are no features.').optional(),
    types: z
      .record(z.string(), z.enum(['number', 'text', 'boolean', 'date']))
      .meta({
        description: 'What columns hold, where it should not be found out from their cells.',
        examples: [{ zip: 'text', day: 'date' }],
      })
      .optional(),
    missing: z
      .array(z.string().min(1))
      .min(1)
      .meta({
        uniqueItems: true,
        description:
          'Texts that count as missing in every column, beside those that always do: an empty cell, NA, N/A, n/a, NaN, nan, null, NULL and ?.',
        examples: [['k.A.', '-999']],
      })
      .optional(),
    separator: z
      .string()
      .regex(separatorPattern, 'must be one mark, such as ";" or "\\t"')
      .describe(
        'What is between the cells of CSV and TSV files: found out unless stated. A blank stands for any run of blanks and tabs.',
      )
      .optional(),
    decimal: z
      .enum(['.', ','])
      .describe('The mark before the decimals of numbers: found out unless stated.')
      .optional(),
    thousands: z
      .enum(thousandsMarks)
      .describe('The mark between the thousands of numbers: none unless stated.')
      .optional(),
    encoding: z.enum(encodings).describe('The encoding of text files: found out unless stated.').optional(),
    header: z
      .union([z.boolean(), columnNames])
      .describe(
        'Whether CSV and TSV files have a header: they have unless stated. Columns without names are called "column 1", "column 2" …, or as a list says.',
      )
      .optional(),
    skipLines: z
      .array(z.int().min(1))
      .min(1)
      .meta({
        uniqueItems: true,
        description:
          'Lines of text files, from 1, that are no part of the table: a title above the header, units under it.',
        examples: [[2]],
      })
      .optional(),
    units: z
      .array(
        z
          .string()
          .regex(/\S/, 'must not be blank')
          .regex(/[^\d+\-.,\s]/, 'must not be a number itself'),
      )
      .min(1)
      .meta({
        uniqueItems: true,
        description:
          'Texts before or behind the numbers of every column that are taken off: the number stays as it is, 65.2 % is 65.2.',
        examples: [['%', '€']],
      })
      .optional(),
    dateFormat: z
      .union([z.string().min(1), z.record(z.string(), z.string().min(1))])
      .meta({
        description:
          'How dates are written, beside ISO 8601: YYYY, YY, MM, M, DD, D, HH, H, mm, ss and the marks between them. For every column, or for each that is named.',
        examples: ['DD.MM.YYYY', { start: 'DD.MM.YYYY', end: 'M/D/YYYY HH:mm' }],
      })
      .optional(),
    trueValues: words('Words for true beside "true", in any case, in every column.', ['ja', 'wahr']),
    falseValues: words('Words for false beside "false", in any case, in every column.', ['nein', 'falsch']),
    dropRows: z
      .enum(['missing-target'])
      .describe('Rows without a value of the target are left out: unless stated, they are an error.')
      .optional(),
    namelessColumn: z
      .enum(['leave-out', 'keep'])
      .describe(
        'What comes of a first column without a name, as pandas writes its index: left out unless stated, or listed in "columns" as "index".',
      )
      .optional(),
    testFile: z
      .string()
      .min(1)
      .describe('A file with the same columns, whose rows no trial sees: they are the holdout part.')
      .optional(),
    group: z
      .string()
      .min(1)
      .describe('A column whose equal values mark rows that are never divided between folds.')
      .optional(),
    time: z
      .string()
      .min(1)
      .describe('A column of numbers or dates in whose order rows come, for "split" and "time-series".')
      .optional(),
    weight: z
      .string()
      .min(1)
      .describe('A column of numbers above 0: how much a row counts in training. Metrics stay unweighted.')
      .optional(),
  })
  const objective = z.strictObject({
    metric: z
      .string()
      .min(1)
      .meta({
        description:
          'The metric to optimise, by its name (docs/judging.md lists them): accuracy, balancedAccuracy, macroF1, logLoss, rocAuc, recall:yes …; rmse, mae, r2 …; one of "metrics"; or one that an objective of your own returns. "pooled:" before a name works it out once over the predictions of all folds, not fold by fold.',
        examples: [
          'accuracy',
          'balancedAccuracy',
          'macroF1',
          'logLoss',
          'rocAuc',
          'pooled:rocAuc',
          'averagePrecision',
          'rmse',
          'mae',
          'r2',
        ],
      })
      .optional(),
    direction: z
      .enum(['minimize', 'maximize'])
      .describe(
        "Whether a smaller or a larger value of the metric is better: a built-in metric's own side unless stated, else smaller.",
      )
      .optional(),
    directionIsMeant: z
      .boolean()
      .describe(
        'Says a second time that the direction is meant, where it is against the better side of a metric that has one: the sweep then looks for the worst model.',
      )
      .optional(),
    at: z
      .enum(['best', 'last'])
      .describe(
        'Where an objective of your own reports the metric by step: whether the value of a trial is the one at its end ("last", unless stated) or the best of its steps.',
      )
      .optional(),
  })
  const ownMetric = z
    .strictObject({
      name: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_]*$/)
        .describe('What it is called on the record: letters and digits.'),
      module: z
        .string()
        .min(1)
        .describe(
          'The path of a module, relative to this file, whose default export is a function (truth, predicted, probabilities, rows) => number; it may export "direction" too.',
        ),
    })
    .meta({ description: 'A metric of your own.' })
  const threshold = z.strictObject({
    metric: z
      .string()
      .min(1)
      .meta({
        description: 'The metric of labels that is to be best: f1, balancedAccuracy, matthews, recall:yes …',
        examples: ['f1', 'balancedAccuracy', 'matthews', 'kappa'],
      }),
    positive: z
      .string()
      .min(1)
      .describe(
        'The class whose probability is compared with the threshold: the one the metric names, else the second of the two, unless stated.',
      )
      .optional(),
  })
  const validation = z.strictObject({
    scheme: z
      .enum(['k-fold', 'repeated-k-fold', 'group-k-fold', 'split', 'time-series'])
      .describe(
        'Which rows are held out when. Unless stated: time-series where the data has a time, group-k-fold where it has a group, else k-fold.',
      )
      .optional(),
    folds: z
      .int()
      .min(2)
      .describe('Parts that are held out one after the other: 5 unless stated; the same for every trial.')
      .optional(),
    repeats: z
      .int()
      .min(1)
      .describe('How often rows are dealt into folds anew, for repeated-k-fold: 3 unless stated.')
      .optional(),
    fraction: z
      .number()
      .gt(0)
      .lt(1)
      .describe('The share of rows that is held out, for split: 0.2 unless stated.')
      .optional(),
    stratified: z
      .boolean()
      .describe('Whether every fold has the classes in the proportions of the whole.')
      .optional(),
    holdout: z
      .number()
      .gt(0)
      .lt(1)
      .describe('The share of rows that no trial sees, on which the best run is evaluated at the end.')
      .optional(),
  })
  const minSteps = z
    .int()
    .min(1)
    .describe('The first step at which a trial can be stopped: 1 (median) or 3 (halving) unless stated.')
    .optional()
  const stepMetric = {
    metric: z
      .string()
      .min(1)
      .describe(
        "The reported metric to go by: the objective's unless stated. Needs a direction beside it, but where its better side is known (accuracy, logLoss, …).",
      )
      .optional(),
    direction: z
      .enum(['minimize', 'maximize'])
      .describe('Whether a smaller or a larger value of that metric is better.')
      .optional(),
  }
  const pruners = {
    none: z
      .strictObject({ name: z.literal('none') })
      .meta({ description: 'Every trial goes on to its end.' }),
    median: z
      .strictObject({
        name: z.literal('median'),
        minSteps,
        minTrials: z
          .int()
          .min(1)
          .describe('How many finished trials there must be to compare with: 5 unless stated.')
          .optional(),
        ...stepMetric,
      })
      .meta({ description: 'Stops a trial whose best step so far is worse than the median of the others.' }),
    halving: z
      .strictObject({
        name: z.literal('halving'),
        minSteps,
        factor: z
          .int()
          .min(2)
          .describe('At steps minSteps, minSteps · factor, … one trial of so many goes on: 3 unless stated.')
          .optional(),
        ...stepMetric,
      })
      .meta({
        description: 'Successive halving: of the trials that come to a step, the best third goes on.',
      }),
    folds: z
      .strictObject({
        name: z.literal('folds'),
        minFolds: z
          .int()
          .min(1)
          .describe('No trial is stopped before so many folds: 1 unless stated.')
          .optional(),
      })
      .meta({
        description:
          'Stops a trial when the mean of its folds so far is no better than the worst fold of the best trial.',
      }),
  }
  const pruner: Zod.ZodType<PrunerName | PrunerJson> = z.union([
    z.enum(['none', 'median', 'halving', 'folds']),
    z.discriminatedUnion('name', [pruners.none, pruners.median, pruners.halving, pruners.folds]),
  ])
  const warmStart = z
    .strictObject({
      sweep: z.string().min(1).describe('The id of the sweep, or "latest".'),
      despite: z
        .array(z.enum(warmStartAspects))
        .meta({
          description: 'In what the earlier sweep may differ all the same, because its values compare.',
          uniqueItems: true,
        })
        .optional(),
    })
    .meta({ description: 'An earlier sweep, and in what it may differ.' })
  const search = z.strictObject({
    algorithm: z
      .enum(['grid', 'random', 'sobol', 'bayesian'])
      .describe('How the next params are found.')
      .optional(),
    trials: z.int().min(1).describe('How many params to try.').optional(),
    parallel: z
      .int()
      .min(1)
      .describe(
        'Trials in flight: 4 unless stated. Part of the sweep, like the seed; not the number of workers.',
      )
      .optional(),
    seed: z.int().min(0).describe('The same seed gives the same sweep.').optional(),
    pruner: pruner
      .describe('Which trials are stopped early, by name, or an object with the name and its settings.')
      .optional(),
    enqueue: z
      .array(z.record(z.string(), value))
      .meta({ description: 'Params to try first; what an entry leaves out is completed by the search.' })
      .optional(),
    warmStart: z
      .union([z.string().min(1), warmStart])
      .describe(
        'A sweep of the store with the same task, whose results are known from the start: its id, or "latest" for the newest one that fits. Parameters may have changed: what lies outside the space is passed over, a new parameter takes its default.',
      )
      .optional(),
    replicates: z
      .int()
      .min(1)
      .describe('How often the same params are tried: once unless stated.')
      .optional(),
    stopAt: z
      .number()
      .describe('A value of the objective that is good enough: the sweep then ends.')
      .optional(),
    advice: z
      .enum(['off', 'tell', 'stop'])
      .describe(
        'What happens once the best possible gain is below the noise of cross-validation, judged from trial 20 on: nothing ("off", unless stated), the sweep tells it, or it ends.',
      )
      .optional(),
  })
  const limits = z.strictObject({
    artifactsMB: z
      .number()
      .min(0)
      .max(4096)
      .describe(
        'Megabytes that all files an objective or a program leaves with a trial may take: 64 unless stated. One that is too large is left out, with a warning.',
      )
      .optional(),
    checkpointsMB: z
      .number()
      .min(0)
      .describe(
        'Megabytes that the checkpoints of all trials together may take: 10240 unless stated. One that is too large is not kept, with a warning.',
      )
      .optional(),
  })
  const resources = z.strictObject({
    devices: z
      .number()
      .min(0)
      .refine((value) => value < 1 || Number.isInteger(value), {
        error: ({ input }) =>
          `a fit holds a whole number of devices, or a share of one (got ${String(input)}); write 1, 2 or 0.5`,
      })
      .describe(
        'Devices (GPUs) that a fit holds for itself while it runs: a whole number, or a share of one (0.5: two fits to a device). None unless stated.',
      )
      .optional(),
  })
  const programResult = z.strictObject({
    file: z
      .string()
      .min(1)
      .meta({
        description:
          'A file of JSON that the program writes, from its folder. It has placeholders as the command has: {trial}, {seed}, {directory} or {checkpoint} keep trials apart that run side by side.',
        examples: ['out/{trial}/metrics.json'],
      }),
  })
  const program = z
    .strictObject({
      command: z.array(z.string().min(1)).min(1).meta({
        description:
          // biome-ignore lint/suspicious/noTemplateCurlyInString: it is written so.
          'The program and its arguments, run without a shell in `directory`. {name} stands for a parameter, ${args} for --name=value of all of them, {params} for a JSON file with all of them, {trial}, {seed}, {directory}, {seat}, {device} and {checkpoint} for what they say.',
      }),
      directory: z
        .string()
        .min(1)
        .describe('The folder the program runs in, from that of this file: that one unless stated.')
        .optional(),
      environment: z
        .record(z.string(), z.string())
        .describe(
          'Variables of its environment, beside those it inherits. They are recorded: no place for secrets.',
        )
        .optional(),
      files: z
        .array(z.string().min(1))
        .describe(
          'What the program is made of beside the files its command names: files and patterns such as lib/**, from its folder. A change of them is noticed, and they go where it runs.',
        )
        .optional(),
      grace: z
        .number()
        .min(0)
        .max(3600)
        .describe(
          'Seconds that it has to end by itself when it is asked to (SIGTERM), before it is made to (SIGKILL): 2 unless stated.',
        )
        .optional(),
      metrics: z
        .record(z.string().min(1), z.string().min(1))
        .meta({
          description:
            "Metrics read from the lines it prints, by regular expressions: the first group, or the one named value, is the number. Each match of the objective's metric is a step, which a group named step may number.",
          examples: [{ loss: 'val_loss=([-+.0-9eE]+)' }],
        })
        .optional(),
      result: z
        .union([z.literal('json'), programResult])
        .describe(
          'Where its result is, if it does not report it: "json", the last line of its stdout that is a JSON object, or {"file": …}, a file that it writes.',
        )
        .optional(),
    })
    .meta({ description: 'A program in any language, run once a trial.' })
  const file = z
    .strictObject({
      $schema: z.string().describe('The JSON Schema of this file, for editors.').optional(),
      name: z
        .string()
        .min(1)
        .describe('The name of the experiment its sweeps belong to: that of the file unless stated.')
        .optional(),
      description: z.string().describe('What the sweep is about, in your own words.').optional(),
      trainer: z
        .union([z.string().min(1), program])
        .meta({
          description:
            'What fits a model: the name of a trainer (espalier trainers), the path of a module, or a program with its arguments. Left out, the parameter "trainer" says it, whose values are such names and paths.',
          examples: [
            'cart-classifier',
            'knn-classifier',
            './my-trainer.js',
            { command: ['python3', 'train.py', '--lr', '{learningRate}'] },
          ],
        })
        .optional(),
      data: data.describe('The data set.').optional(),
      objective: objective.describe('What the sweep optimises.').optional(),
      metrics: z
        .array(z.union([z.string().min(1), ownMetric]))
        .meta({
          description:
            'Metrics to work out beside those that every trial has: names (docs/judging.md lists them), or modules of your own.',
          uniqueItems: true,
          examples: [['rocAuc', 'recall:yes', { name: 'cost', module: './cost.js' }]],
        })
        .optional(),
      threshold: threshold
        .describe(
          'For a target of two classes: kept models answer by the threshold that is best on the out-of-fold predictions of their trial, not by one half.',
        )
        .optional(),
      validation: validation.describe('How a trial is evaluated.').optional(),
      search: search.describe('How the search goes about it.').optional(),
      limits: limits.describe('What a trial may take.').optional(),
      resources: resources.describe('What a fit needs for itself.').optional(),
      keepCheckpoints: z
        .boolean()
        .describe('Whether the checkpoints of trials stay when they have ended: they do not unless stated.')
        .optional(),
      parameters: z
        .record(z.string().min(1), parameter)
        .meta({ description: 'The parameters by name: what the search may choose from.', minProperties: 1 }),
    })
    .meta({ title: 'Espalier sweep file', description: 'A hyperparameter sweep: one search over one space.' })

  const sections = { '': file, data, objective, threshold, validation, search, limits, resources }
  return { file, sections, parameterTypes, pruners, program, programResult, warmStart, ownMetric }
}

/** The JSON Schema (draft 7, which editors know best) of a sweep file. */
export async function sweepFileSchema(): Promise<JsonObject> {
  const { z, definition } = load()
  const schema = z.toJSONSchema(definition.file, { target: 'draft-07', io: 'input' })
  return JSON.parse(JSON.stringify(schema)) as JsonObject
}
