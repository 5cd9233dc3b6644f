/**
 * For modules and programs: gives a trainer or an objective its types, and returns it unchanged. The params are typed by
 * the hyperparameters it describes, or by its space; a trainer's target by its task.
 */
import type { Dataset, Target, Task } from '../data/index.js'
import type { ParametersJson, ParamsFrom, TypedSpace } from '../space/index.js'
import type {
  Hyperparameter,
  Model,
  Objective,
  ObjectiveContext,
  ObjectiveResult,
  Trainer,
  TrainingContext,
} from '../training/index.js'
import type { JsonValue, Params, ParamValue } from '../values.js'

type ValueOf<H> = H extends { readonly type: 'float' | 'int' }
  ? number
  : H extends { readonly type: 'boolean' }
    ? boolean
    : H extends { readonly type: 'categorical'; readonly values: readonly (infer V)[] }
      ? V
      : ParamValue

/** The params of described hyperparameters: a value for each, by its name. */
export type ParamsOfHyperparameters<H extends readonly Hyperparameter[]> = Hyperparameter extends H[number]
  ? Params
  : { readonly [K in H[number] as K['name']]: ValueOf<K> }

type TargetOf<T extends Task> = Extract<
  Target,
  { readonly kind: T extends 'classification' ? 'classes' : 'numbers' }
>

/** A data set whose target is what the task predicts: classes by their codes, or numbers. */
export type DatasetOf<T extends Task> = Omit<Dataset, 'target'> & { readonly target: TargetOf<T> }

/** A trainer whose params, target and state have types. */
export interface TypedTrainer<H extends readonly Hyperparameter[], T extends Task, S extends JsonValue>
  extends Omit<Trainer, 'task' | 'hyperparameters' | 'fit' | 'load'> {
  readonly task: T
  readonly hyperparameters: H
  fit(
    data: DatasetOf<T>,
    params: ParamsOfHyperparameters<H>,
    context: TrainingContext,
  ): Model | Promise<Model>
  load(state: S): Model | Promise<Model>
}

/**
 * A trainer, as it is. Its params have the types of its hyperparameters, and `data.target` is that of its task:
 *
 *     export default defineTrainer({
 *       task: 'regression',
 *       hyperparameters: [{ name: 'shrink', type: 'float', … }],
 *       fit: (data, { shrink }) => …   // shrink: number, data.target.values: Float64Array
 */
export function defineTrainer<
  const H extends readonly Hyperparameter[],
  const T extends Task,
  S extends JsonValue = JsonValue,
>(trainer: TypedTrainer<H, T, S>): Trainer {
  return trainer as unknown as Trainer
}

/** An objective whose params have types. */
export interface TypedObjective<P> extends Omit<Objective, 'objective' | 'hyperparameters'> {
  objective(params: P, context: ObjectiveContext): ObjectiveResult | Promise<ObjectiveResult>
}

/**
 * An objective, as it is. Its params have the types of the hyperparameters it describes, or of the space given first:
 *
 *     const space = defineSpace({ x: { type: 'float', min: 0, max: 4 } })
 *     export default defineObjective(space, { name: 'mine', objective: ({ x }) => (x - 2) ** 2 })
 */
export function defineObjective<P extends ParametersJson>(
  space: TypedSpace<P>,
  objective: TypedObjective<ParamsFrom<P>>,
): Objective
export function defineObjective<const H extends readonly Hyperparameter[] = readonly Hyperparameter[]>(
  objective: TypedObjective<ParamsOfHyperparameters<H>> & { readonly hyperparameters?: H },
): Objective
export function defineObjective(...given: readonly unknown[]): Objective {
  return given[given.length - 1] as Objective
}
