/** What each trainer's learner is in ONNX; loaded where one is written. */
import type { LearnedFile } from '../../model-file/types.js'
import type { LearnerNodes } from '../types.js'

/** The state is one of that trainer, which has been checked. */
const byTrainer: Readonly<Record<string, () => Promise<LearnerNodes<never>>>> = {}

/** @throws where a trainer that ships with Espalier has been forgotten. */
export async function learnerNodes(trainer: string): Promise<LearnerNodes<LearnedFile>> {
  const load = byTrainer[trainer]
  if (load === undefined) throw new Error(`no ONNX is written for ${trainer}`)
  return (await load()) as LearnerNodes<LearnedFile>
}
