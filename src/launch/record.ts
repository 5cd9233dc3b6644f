/** From a parent run's record back to what asks for it. */
import { type Rules, text, textOrTexts, truth } from '../arguments.js'
import { EspalierError } from '../errors.js'
import type { ParentRun } from '../tracking/index.js'
import type { OpenTrainer } from '../training/index.js'
import { refuseElsewhere } from './elsewhere.js'
import { inCodeRules, openedFromCode, type TrainedInCode } from './in-code.js'
import type { Reading } from './launch.js'
import { located } from './located.js'
import { nameOf } from './prepare.js'
import { askedOf } from './spec/file.js'
import type { SweepSpec } from './spec/types.js'
import { specOf } from './spec/version.js'
import { checkTrusted } from './trust.js'

/** What a caller says of a sweep on record that is trained again. */
export interface AgainOptions extends TrainedInCode {
  /** The data file, where it is elsewhere than it was: it must be the recorded one. */
  readonly data?: string | readonly string[]
  /** The test file, in the same way. */
  readonly testFile?: string
  /** The folder in which the program runs, where it is another than it was. */
  readonly directory?: string
  /** The module or the program that the record names may be run. Not needed for sweeps started on this machine. */
  readonly trustModule?: boolean
}

export const againRules: Rules<AgainOptions> = {
  ...inCodeRules,
  data: textOrTexts,
  testFile: text,
  directory: text,
  trustModule: truth,
}

/** How a sweep on record is asked for again. */
export interface Again {
  /** The store's directory. */
  readonly store: string
  /** The error's code where what was passed in code is missing, or is not what the record names. */
  readonly refused: 'RESUME_REFUSED' | 'REPRODUCE_REFUSED'
  /** In all, where they are to be others than recorded. */
  readonly trials?: number
  /** Whether data that is named may be other data than the recorded. */
  readonly unlike?: boolean
}

/**
 * What asks for the recorded sweep again, as it would be prepared today, with its files where they are now. One that
 * trained what was passed in code needs that again; one that runs a module or a program needs somebody to vouch for it.
 */
export async function askedFromRecord(
  parent: ParentRun,
  options: AgainOptions,
  { store, refused, trials, unlike = false }: Again,
): Promise<Reading> {
  const recorded = specOf(parent)
  refuseElsewhere(parent, recorded, refused)
  const { trainer, data, testFile, directory, trustModule } = options
  const module = typeof trainer === 'string' ? trainer : undefined
  const code = openedFromCode(
    options,
    recorded.trainer.kind === 'function' ? recorded.trainer.name : 'objective',
  )
  checkInCode(code, parent, recorded, refused)
  const places = { data, testFile, trainer: module, directory }
  const { spec, notes } = await located(parent, recorded, store, places, {
    data: unlike,
    module: trustModule,
  })
  await checkTrusted(parent.id, recorded, { trustModule, module })
  const asked = askedOf(trials === undefined ? spec : { ...spec, trials })
  // What is passed in code goes before a name.
  const file = code === undefined ? asked.file : { ...asked.file, trainer: undefined }
  return { ...asked, file, code, warmStart: spec.search.warmStart, recorded, notes }
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
