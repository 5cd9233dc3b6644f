/** Model files as what is made of them for other tools. */
import { EspalierError } from '../../errors.js'
import { loadModel } from '../../training/index.js'
import type { JsonValue } from '../../values.js'
import type { FittedModel, ModelFile } from './types.js'

/**
 * A model file's JSON, checked by the trainers that made it.
 * @throws EspalierError MODEL_INVALID where it is none; USAGE where a trainer that does not ship with Espalier made it: only that one knows
 *   how it predicts.
 */
export async function readModelFile(json: JsonValue): Promise<ModelFile> {
  const parts = json as unknown as {
    trainer: { kind: string; name?: string; file?: string }
    signature: ModelFile['signature']
    state: unknown
    threshold?: ModelFile['threshold']
  }
  const members =
    parts?.trainer?.kind === 'ensemble'
      ? (parts.state as { members?: { weight: number; trainer: typeof parts.trainer; state: unknown }[] })
          .members
      : [{ weight: 1, trainer: parts?.trainer, state: parts?.state }]
  const own = members?.find(({ trainer }) => trainer?.kind === 'module' || trainer?.kind === 'function')
  if (own !== undefined)
    throw new EspalierError(
      'USAGE',
      `a model is written for other tools where a trainer that ships with Espalier made it (this one was made by ${own.trainer.file ?? own.trainer.name ?? 'code of your own'}); its file, model.json, is among the run's artifacts, and loadModel loads it`,
    )
  await loadModel(json)
  return {
    signature: parts.signature,
    threshold: parts.threshold ?? null,
    members: members!.map(({ weight, trainer, state }) => ({
      weight,
      model: fitted(trainer.name!, parts.signature, state),
    })),
    isEnsemble: parts.trainer.kind === 'ensemble',
    json,
  }
}

/** The state of a built-in trainer, which has been checked. */
function fitted(trainer: string, { task }: ModelFile['signature'], state: unknown): FittedModel {
  const found = state as Omit<Extract<FittedModel, { task: 'classification' }>, 'trainer' | 'task'>
  const { preprocessing, learned } = found
  if (task === 'regression') return { trainer, task, preprocessing, learned: learned! }
  return {
    trainer,
    task,
    preprocessing,
    classes: found.classes,
    seen: found.seen,
    learned,
    calibration: found.calibration ?? null,
  }
}
