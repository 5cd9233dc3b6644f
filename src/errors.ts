/**
 * Every error the program raises on purpose: a stable code, what was wrong, where, and the remedy.
 *
 * `kind` decides the exit code of the command line: a `request` error (2) is the caller's to mend, a `work`
 * error (1) means that the work itself failed, `interrupted` (130) that it was stopped, a `bug` is ours. A message states the law, then what was
 * found, then the remedy.
 */

const catalogue = {
  SPACE_INVALID: { kind: 'request', meaning: 'the sweep file or its search space breaks a rule' },
  USAGE: { kind: 'request', meaning: 'the command or the call was given something it does not accept' },
  FILE_NOT_READABLE: { kind: 'request', meaning: 'a file named by the caller cannot be read' },
  JSON_INVALID: { kind: 'request', meaning: 'a file or a line that should be JSON or YAML is not' },
  IMPORT_INVALID: {
    kind: 'request',
    meaning: 'a file of another tool breaks a rule of that tool, or cannot be taken over',
  },
  DATA_INVALID: { kind: 'request', meaning: 'the data set cannot be used as asked' },
  TRAINER_UNKNOWN: { kind: 'request', meaning: 'no trainer has this name' },
  TRAINER_INVALID: { kind: 'request', meaning: 'a module or a program cannot be used as a trainer' },
  METRIC_INVALID: { kind: 'request', meaning: 'a module cannot be used as a metric' },
  MODEL_INVALID: { kind: 'request', meaning: 'a model file is not one, or was made by something else' },
  RECORD_INVALID: {
    kind: 'request',
    meaning: 'a value cannot be recorded: a record is plain JSON with finite numbers',
  },
  RUN_UNKNOWN: { kind: 'request', meaning: 'no run has this id' },
  RUN_AMBIGUOUS: { kind: 'request', meaning: 'several runs have ids that begin like this' },
  RUN_NONE: { kind: 'request', meaning: 'no run fits what was asked for' },
  SWEEP_LOCKED: { kind: 'request', meaning: 'another process is writing this sweep' },
  STORE_MISSING: { kind: 'request', meaning: 'there is no store in this directory' },
  STORE_INVALID: { kind: 'request', meaning: 'this directory or file is not a store' },
  STORE_VERSION: { kind: 'request', meaning: 'the store was made by a newer version' },
  STORE_CORRUPT: { kind: 'work', meaning: 'a record of the store is not as it was written' },
  STORE_WRITE_FAILED: { kind: 'work', meaning: 'the disk did not take a record' },
  QUERY_INVALID: { kind: 'request', meaning: 'a filter or an order of runs cannot be understood' },
  RESUME_REFUSED: { kind: 'request', meaning: 'a sweep cannot go on from its record as it is' },
  REPRODUCE_REFUSED: { kind: 'request', meaning: 'a run cannot be trained again from its record' },
  CODE_UNTRUSTED: {
    kind: 'request',
    meaning: 'a record names code to run, and nobody vouches for it',
  },
  MODEL_MISSING: { kind: 'request', meaning: 'the run keeps no model' },
  DEVICES_MISSING: {
    kind: 'request',
    meaning: 'fits need devices (GPUs) that are not there, or not to be had',
  },
  DEVICES_HELD: { kind: 'work', meaning: 'what was stopped does not end, and all devices are still its own' },
  FILES_EXHAUSTED: { kind: 'work', meaning: 'the system lets the process open no more files (`ulimit -n`)' },
  CHECKPOINT_DAMAGED: { kind: 'work', meaning: 'a checkpoint is not as it was written' },
  QUEUE_UNREACHABLE: { kind: 'work', meaning: 'the queue of remote workers does not answer' },
  QUEUE_REFUSED: { kind: 'work', meaning: 'the queue of remote workers did not take what was put into it' },
  MESSAGE_INVALID: {
    kind: 'work',
    meaning: 'a message in a queue is not as coordinators and workers write it',
  },
  MESSAGE_UNSIGNED: {
    kind: 'request',
    meaning: 'a message in a queue is not signed with the secret that is asked for',
  },
  WORKER_UNFIT: {
    kind: 'request',
    meaning: 'a worker lacks what a sweep needs: its version, packages or files',
  },
  MLFLOW_UNREACHABLE: { kind: 'work', meaning: 'the MLflow server does not answer' },
  MLFLOW_REFUSED: { kind: 'work', meaning: 'the MLflow server did not take what was sent to it' },
  INTERRUPTED: { kind: 'interrupted', meaning: 'the work was stopped from outside before it had a result' },
  INTERNAL: { kind: 'bug', meaning: 'a broken assumption inside the program' },
} as const satisfies Record<string, { kind: 'request' | 'work' | 'interrupted' | 'bug'; meaning: string }>

/**
 * Why a trial failed: stable codes on its record. They are no errors of the program, as none of them ends the sweep; they stand
 * beside those so that there is one list of codes, from which docs/errors.md is made.
 */
const failures = {
  TRAINER_THREW: 'the trainer or objective threw an error',
  PROGRAM_FAILED: 'the program ended with another exit status than 0, by a signal, or said that it failed',
  RESULT_INVALID: 'what the trainer, objective or program gave is not what a trial needs',
  METRIC_NOT_FINITE: "the objective's metric is not a finite number",
  PARAMS_REFUSED: 'the trainer does not take these params together',
  MODEL_NOT_SERIALISABLE: 'the fitted model cannot be kept as JSON and read back as the same',
  TIME_LIMIT: 'the trial took longer than --trial-timeout',
  OUT_OF_MEMORY:
    'the worker needed more memory than --memory-limit, or the program than there is (of the machine or of a GPU)',
  WORKER_LOST: 'the workers on other machines that ran it vanished, again and again',
  WORKER_EXITED: 'the worker thread ended by itself, as by process.exit',
  FAILED_ELSEWHERE: 'the trial was imported, and had failed in the tool that ran it',
  ENDED_BY_REQUEST: 'somebody asked for the trial to be ended while it ran, before it had a value',
} as const

/** The stable code of a trial's failure. */
export type FailureCode = keyof typeof failures

/** Every code with what it means: of errors, and of failures of trials. */
export const codes: {
  readonly errors: Readonly<Record<ErrorCode, { readonly kind: ErrorKind; readonly meaning: string }>>
  readonly failures: Readonly<Record<FailureCode, string>>
} = { errors: catalogue, failures }

/** The stable code of an error: what a program goes by, as messages may be worded anew. */
export type ErrorCode = keyof typeof catalogue
/** Whose an error is: the caller's request, the work, an interruption from outside, or a bug of Espalier. */
export type ErrorKind = (typeof catalogue)[ErrorCode]['kind']

/** One mistake in a request: where it is (a JSON path, a file and line, an option), and what to do about it. */
export interface Problem {
  /** Where: `parameters.k.min`, `wine.csv line 12, column "alcohol"`, `--trials`. Empty for the whole. */
  path: string
  /** The law, then what was found, then the remedy. */
  message: string
}

/** What the library throws on purpose. `message` says the law, what was found, and the remedy. */
export class EspalierError extends Error {
  readonly code: ErrorCode
  readonly kind: ErrorKind
  /** Every mistake found, where there can be several at once. */
  readonly problems: readonly Problem[]

  constructor(
    code: ErrorCode,
    message: string,
    options: { problems?: readonly Problem[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'EspalierError'
    this.code = code
    this.kind = catalogue[code].kind
    this.problems = options.problems ?? []
  }
}

/** Whether a text is a code of this version's. */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(catalogue, text)
}

export function isEspalierError(error: unknown): error is EspalierError {
  return error instanceof EspalierError
}

/** The code and message of anything thrown, for records and for messages. */
export function describeError(error: unknown): { code: string; message: string } {
  if (error instanceof EspalierError) return { code: error.code, message: error.message }
  if (error instanceof Error) {
    const code = (error as { code?: unknown }).code
    return {
      code: typeof code === 'string' ? code : error.name || 'Error',
      message: error.message || String(error),
    }
  }
  return {
    code: 'Error',
    message: typeof error === 'string' ? error : `a thrown ${typeof error}: ${String(error)}`,
  }
}
