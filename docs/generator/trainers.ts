/** docs/trainers.md, from what the trainers say of themselves. */
import { describeTrainers, type Hyperparameter, metricsFor, type Trainer } from '../../src/training/index.js'
import { code, madeFrom, table } from './text.js'

/** Hyperparameters of the preprocessing, which every trainer with a data set shares. */
const shared = ['calibration', 'scaling', 'imputation', 'textImputation', 'encoding']

function range({ type, min, max, values }: Hyperparameter): string {
  if (values !== undefined) return values.map((value) => code(JSON.stringify(value))).join(', ')
  if (type === 'boolean') return '`true`, `false`'
  const [low, high] = [min, max].map((bound) => (bound === undefined ? '' : String(bound)))
  return low === '' && high === '' ? 'any' : `${low} … ${high}`
}

function hyperparameters(list: readonly Hyperparameter[]): string {
  return table(
    ['hyperparameter', 'what it is', 'type', 'values', 'default'],
    list.map((one) => [
      code(one.name),
      one.description,
      one.type,
      range(one),
      code(JSON.stringify(one.default)),
    ]),
  )
}

function section(trainer: Trainer): string {
  const own = trainer.hyperparameters.filter(({ name }) => !shared.includes(name))
  const limits = (trainer.limits ?? []).map((limit) => `- ${limit}`).join('\n')
  const packages = (trainer.packages ?? []).map(code).join(', ')
  const facts = [
    `For ${trainer.task}.`,
    packages === '' ? '' : `Built on ${packages}.`,
    trainer.usesWeights === true ? 'Heeds sample weights.' : '',
  ]
  return `## ${trainer.name}

${trainer.description[0].toUpperCase()}${trainer.description.slice(1)}. ${facts.filter(Boolean).join(' ')}

${hyperparameters(own)}
${limits === '' ? '' : `\n${limits}\n`}`
}

export async function trainersPage(): Promise<string> {
  const trainers = await describeTrainers()
  const metrics = (['classification', 'regression'] as const).flatMap((task) =>
    metricsFor(task).map(({ name, direction, description, always }) => [
      code(name),
      task,
      direction,
      description,
      always ? 'always' : '',
    ]),
  )
  const common = trainers[0].hyperparameters.filter(({ name }) => shared.includes(name))
  return `# Trainers

${madeFrom('what the trainers say of themselves (`espalier trainers NAME` shows the same)')}
A trainer is named in a sweep file as \`"trainer": "knn-classifier"\`. Each of its hyperparameters can be searched, or fixed by a plain
value; what is left out has its default. A trainer of your own is a module: see [library](library.md).

${trainers.map((trainer) => section(trainer)).join('\n')}
## What every one of them has

Preprocessing is part of the model: fitted on the training rows of each fold alone, and searchable like anything else. (Not every
trainer has each of them, and defaults differ: \`espalier trainers NAME\`.)

${hyperparameters(common)}

## Metrics

The first of a task is the objective unless the sweep file names another. Some are recorded with every trial, the others where they are
the objective, or listed in \`metrics\`: see [judging](judging.md).

${table(['metric', 'task', 'better', 'what it is', 'recorded'], metrics)}
`
}
