/** From a parent run's record back to what asks for it. */
import { stat } from 'node:fs/promises'
import { EspalierError } from '../errors.js'
import type { ParentRun } from '../tracking/index.js'
import type { OpenTrainer } from '../training/index.js'
import { openedFromCode, type TrainedInCode } from './in-code.js'
import type { Reading } from './launch.js'
import { nameOf } from './prepare.js'
import { askedOf } from './spec/file.js'
import type { SweepSpec } from './spec/types.js'
import { specOf } from './spec/version.js'

/**
 * What asks for the recorded sweep again, as it would be prepared today. One that trained what was passed in code needs
 * that again.
 * @param refused the error's code where it is missing, or is not what the record names.
 * @param trials in all, where they are to be others than recorded.
 */
export async function askedFromRecord(
  parent: ParentRun,
  inCode: TrainedInCode,
  refused: 'RESUME_REFUSED' | 'REPRODUCE_REFUSED',
  trials?: number,
): Promise<Reading> {
  const recorded = specOf(parent)
  const spec = trials === undefined ? recorded : { ...recorded, trials }
  await mustBeThere(parent.id, spec)
  const code = openedFromCode(inCode, spec.trainer.kind === 'function' ? spec.trainer.name : 'objective')
  checkInCode(code, parent, spec, refused)
  const asked = askedOf(spec)
  // What is passed in code goes before a name.
  const file = code === undefined ? asked.file : { ...asked.file, trainer: undefined }
  return { ...asked, file, code, warmStart: spec.search.warmStart, recorded: spec }
}

function checkInCode(
  code: OpenTrainer | undefined,
  { id }: ParentRun,
  { trainer, data }: SweepSpec,
  refused: 'RESUME_REFUSED' | 'REPRODUCE_REFUSED',
): void {
  if (trainer.kind !== 'function') {
    if (code === undefined) return
    throw new EspalierError(
      refused,
      `what is trained again is what was recorded (${id} names its trainer, and another is passed); leave "run" and "trainer" out`,
    )
  }
  const kind = data === null ? 'run' : 'trainer'
  if (code === undefined) {
    throw new EspalierError(
      refused,
      `what was passed in code must be passed again (${id} trained "${trainer.name}", as the option "${kind}"); pass it as "${kind}", or put it into a module and name that in a new sweep`,
    )
  }
  if (kind !== (code.kind === 'trainer' ? 'trainer' : 'run') || nameOf(code) !== trainer.name) {
    throw new EspalierError(
      refused,
      `what is passed must be what was recorded (${id} trained "${trainer.name}", as the option "${kind}"; got "${nameOf(code)}")`,
    )
  }
}

/** Of files that were moved away, the record says where they were and how to know them. */
async function mustBeThere(sweep: string, { data, trainer }: SweepSpec): Promise<void> {
  const files: [what: string, file: string | null, digest: string | null | undefined][] = []
  if (data) files.push(['data file', data.file, data.digest], ['test file', data.testFile, data.testDigest])
  if (trainer.kind === 'module') files.push(['trainer module', trainer.file, trainer.digest])
  for (const [what, file, digest] of files) {
    if (file === null || (await stat(file).catch(() => null)) !== null) continue
    const known = digest ? `, the file with the SHA-256 ${digest}` : ''
    throw new EspalierError(
      what === 'trainer module' ? 'TRAINER_INVALID' : 'DATA_INVALID',
      `the ${what} of sweep ${sweep} must be where it was when the sweep began (${file} is not there); put it back${known}`,
    )
  }
}
