/** What a sweep optimises: from what its file says to a metric that its trainer gives, and the side of it that is better. */
import { EspalierError } from '../errors.js'
import type { SweepFile } from '../space/index.js'
import type { TrialObjective } from '../sweep/index.js'
import { type DescribedTrainer, metricNamed, metricsFor, type TrainerDescription } from '../training/index.js'
import { betterSide, type Direction } from '../values.js'
import { type OwnParameter, parametersFor, trainersOf } from './choice.js'

/**
 * @param own the metrics of one's own, with the better sides that their modules state.
 * @param recorded whether it was a sweep already: what was taken then is taken now, and fails in its trials where it fails.
 * @throws EspalierError USAGE where the metric is none of the trainer's, cannot be had with these parameters, or is
 *   optimised towards its worse side without saying so twice.
 */
export function objectiveOf(
  opened: DescribedTrainer,
  file: SweepFile,
  own: readonly {
    readonly name: string
    readonly module: string | null
    readonly direction: Direction | null
  }[] = [],
  recorded = false,
): TrialObjective {
  const { metric: stated, direction, at } = file.objective ?? {}
  if (!recorded) refuseWorseSide(file)
  if (opened.kind === 'objective') {
    const metric = stated ?? 'value'
    const objective = { metric, direction: direction ?? betterSide(metric) ?? 'minimize' }
    return at === undefined ? objective : { ...objective, at }
  }
  const trainers = trainersOf(opened)
  const [{ trainer }] = trainers
  if (at === 'best') {
    throw new EspalierError(
      'USAGE',
      `the value of a cross-validated trial is measured on the fitted models ("at": "best" chooses among the steps that an objective reports, and ${trainer.name} is a trainer); leave "at" out`,
      { problems: [{ path: 'objective.at', message: 'only for an objective' }] },
    )
  }
  const metric = stated ?? metricsFor(trainer.task)[0].name
  const module = own.find((one) => one.module !== null && one.name === metric)
  if (module !== undefined) {
    const side = direction ?? module.direction
    if (side === null) {
      const message = `a sweep looks for the better side of its metric (nobody knows that of "${metric}", a metric of your own); export "direction" from its module, or add "direction" to "objective"`
      throw new EspalierError('USAGE', message, { problems: [{ path: 'objective.direction', message }] })
    }
    if (
      !recorded &&
      direction !== undefined &&
      module.direction !== null &&
      direction !== module.direction &&
      file.objective?.directionIsMeant !== true
    ) {
      const message = `a sweep looks for the better side of its metric (the module of "${metric}" exports "${module.direction}", and "direction" is "${direction}"); leave "direction" out, or, where that is meant, add "directionIsMeant": true to "objective"`
      throw new EspalierError('USAGE', message, { problems: [{ path: 'objective.direction', message }] })
    }
    return { metric, direction: side }
  }
  const where = { what: "the objective's metric", path: 'objective.metric' }
  const known = metricNamed(metric, trainer.task, null, where)
  if (known.needsProbabilities && !recorded)
    for (const one of trainers)
      refuseMissingProbabilities(one.trainer, metric, parametersFor(one.value, file))
  return { metric, direction: direction ?? known.direction }
}

/**
 * Throws where the worst value would be called the best, or where a pruner would keep the worst trials, unless the file
 * says that this is meant.
 */
export function refuseWorseSide({ objective, search }: Pick<SweepFile, 'objective' | 'search'>): void {
  if (objective?.directionIsMeant === true) return
  refuseWorse('a sweep', 'objective.direction', objective ?? {})
  const { pruner } = search ?? {}
  if (typeof pruner === 'object' && 'metric' in pruner)
    refuseWorse('a pruner', 'search.pruner.direction', pruner)
}

function refuseWorse(
  who: string,
  path: string,
  { metric, direction }: { readonly metric?: string; readonly direction?: Direction },
): void {
  // A trainer's usual metrics, accuracy and rmse, differ in their sides: without a name nothing can be said.
  if (metric === undefined || direction === undefined) return
  const better = betterSide(metric)
  if (better === undefined || better === direction) return
  const [less, worse] = better === 'maximize' ? ['larger', 'smallest'] : ['smaller', 'largest']
  const message = `${who} looks for the better side of its metric: ${less} values of "${metric}" are better, and "direction" is "${direction}", which finds the ${worse}; leave "direction" out, or, where the worst model is what is sought, add "directionIsMeant": true to "objective"`
  throw new EspalierError('USAGE', message, { problems: [{ path, message }] })
}

/** Throws where some trials, or all, would have no probabilities to work the metric out from. */
export function refuseMissingProbabilities(
  trainer: TrainerDescription,
  metric: string,
  parameters: readonly OwnParameter[],
  need = `"${metric}" is worked out from`,
): void {
  const given = trainer.probabilities
  if (given === undefined || given === true) return
  const refuse = (found: string, remedy: string): never => {
    const isThreshold = metric === 'threshold'
    const otherwise = isThreshold ? 'leave "threshold" out' : `choose another metric: ${others.join(', ')}`
    const message = `${need} probabilities (${found}); ${remedy}, or ${otherwise}`
    const path = isThreshold ? 'threshold' : 'objective.metric'
    throw new EspalierError('USAGE', message, { problems: [{ path, message }] })
  }
  const others = metricsFor(trainer.task)
    .filter(({ needsProbabilities }) => !needsProbabilities)
    .map(({ name }) => name)
  if (given === false) refuse(`models of ${trainer.name} have none`, 'choose another trainer')
  else {
    const { hyperparameter: name } = given
    const remedy = `add "${name}": true to "parameters"`
    const preset = trainer.hyperparameters?.find((one) => one.name === name)?.default
    const parameter = parameters.find((one) => one.name === name)
    if (parameter === undefined) {
      if (preset !== true)
        refuse(`models of ${trainer.name} have some only with the hyperparameter "${name}"`, remedy)
      return
    }
    const values: readonly unknown[] =
      'value' in parameter ? [parameter.value] : 'values' in parameter ? parameter.values : []
    if (values.includes(false)) {
      refuse(`models of ${trainer.name} have some only where "${name}" is true, and it can be false`, remedy)
    }
    if (parameter.when.length > 0 && preset !== true) {
      refuse(
        `models of ${trainer.name} have some only where "${name}" is true, and it has a "when", without which it is false`,
        remedy,
      )
    }
  }
}
