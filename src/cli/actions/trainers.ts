/** `trainers [NAME]`: what can be trained, and with which hyperparameters. */
import type {
  Hyperparameter,
  MetricDescription,
  ObjectiveDescription,
  TrainerDescription,
} from '../../training/index.js'
import * as format from '../format.js'
import { plain, print, printJson, say } from '../output.js'
import { indented, lineWidth, paragraph, wrappedTable } from '../table.js'

export async function showTrainers(name: string | undefined, options: { json?: boolean }): Promise<void> {
  const { describeTrainers, metricsFor, referenceTo } = await import('../../training/index.js')
  if (name === undefined) {
    const trainers = await describeTrainers()
    if (options.json) return printJson(trainers.map(described))
    print(
      wrappedTable(
        [{ title: 'trainer' }, { title: 'task' }, { title: '' }],
        trainers.map((trainer) => [trainer.name, trainer.task, plain(trainer.description ?? '')]),
      ),
    )
    return say('\nThe hyperparameters of one: espalier trainers NAME')
  }
  const { describeTrainer } = await import('../../execution/index.js')
  const opened = await describeTrainer(referenceTo(name, process.cwd()))
  if (opened.kind === 'objective') return showObjective(opened.objective, options.json === true)
  if (opened.kind !== 'trainer') return
  if (options.json) return printJson(described(opened.trainer))
  showTrainer(opened.trainer, metricsFor(opened.trainer.task))
}

/** The description of a trainer as data. */
function described({ name, task, description, hyperparameters, limits, packages }: TrainerDescription) {
  return { name, task, description, hyperparameters, limits: limits ?? [], packages: packages ?? [] }
}

function showObjective({ name, hyperparameters }: ObjectiveDescription, json: boolean): void {
  if (json) {
    printJson({ name, objective: true, ...(hyperparameters && { hyperparameters }) })
    return
  }
  const takes = hyperparameters?.length ? '' : '; it takes the params of any space'
  print(`${plain(name)}: an objective without a data set${takes}`)
  showHyperparameters(hyperparameters)
}

function showHyperparameters(hyperparameters: readonly Hyperparameter[] | undefined): void {
  if (!hyperparameters?.length) return
  const rows = hyperparameters.flatMap((one) => [
    [plain(one.name), `${one.type}: ${range(one)}; default ${format.value(one.default)}`],
    ...(one.description ? [['', plain(one.description)]] : []),
  ])
  print('\nhyperparameters')
  print(indented(wrappedTable([{ title: '' }, { title: '' }], rows, lineWidth() - 2)))
}

function showTrainer(trainer: TrainerDescription, metrics: readonly MetricDescription[]): void {
  print(`${plain(trainer.name)}: ${trainer.task}`)
  if (trainer.description) print(paragraph(plain(trainer.description), ''))
  showHyperparameters(trainer.hyperparameters)
  if (trainer.limits?.length)
    print(`\nlimits\n${trainer.limits.map((limit) => paragraph(plain(limit))).join('\n')}`)
  print('\nmetrics')
  print(
    indented(
      wrappedTable(
        [{ title: '' }, { title: '' }],
        metrics
          .filter(({ always }) => always)
          .map(({ name, direction, description }) => [name, `${direction}: ${description}`]),
        lineWidth() - 2,
      ),
    ),
  )
  const others = metrics.filter(({ always }) => !always).map(({ name }) => name)
  print(paragraph(`where asked for: ${others.join(', ')} (docs/judging.md)`))
  print(`\nsample weights ("data.weight"): ${trainer.usesWeights ? 'heeded' : 'not heeded'}`)
  if (trainer.probabilities !== undefined) print(`probabilities: ${probabilitiesOf(trainer.probabilities)}`)
  if (trainer.packages?.length) print(`\npackages: ${trainer.packages.map(plain).join(', ')}`)
}

function probabilitiesOf(given: NonNullable<TrainerDescription['probabilities']>): string {
  return typeof given === 'boolean'
    ? given
      ? 'yes'
      : 'no'
    : `only with "${plain(given.hyperparameter)}": true`
}

function range({ type, values, min, max }: Hyperparameter): string {
  if (values) return values.map(format.value).join(', ')
  if (type === 'boolean') return 'true, false'
  if (min !== undefined && max !== undefined) return `${format.number(min)} to ${format.number(max)}`
  if (min !== undefined) return `${format.number(min)} or more`
  return max === undefined ? 'any' : `${format.number(max)} or less`
}
