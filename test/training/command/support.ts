/** Programs for the tests: written as shell or Node scripts into a folder of their own. */
import { join } from 'node:path'
import { createInlineExecutor, type FitOutcome } from '../../../src/execution/index.js'
import type { CommandReference, FitPlan } from '../../../src/training/index.js'
import type { Params } from '../../../src/values.js'
import { writeExecutable } from '../../executable.js'
import { temporaryFolder } from '../../temporary.js'

/** An executable shell script; its path. */
export function shellScript(directory: string, lines: string, name = 'train.sh'): string {
  const file = join(directory, name)
  writeExecutable(file, `#!/bin/sh\n${lines}\n`)
  return file
}

export interface Ran {
  readonly outcome: FitOutcome
  readonly reports: readonly { step: number; metrics: Readonly<Record<string, number>> }[]
  /** Texts of the artifacts by name. */
  readonly files: Readonly<Record<string, string>>
  readonly seconds: number
}

export interface RunOptions {
  readonly params?: Params
  readonly timeLimit?: number
  readonly signal?: AbortSignal
  readonly pruneAt?: number
  readonly trial?: number
  readonly artifactsMB?: number
  /** What else is said of the program beside its command. */
  readonly program?: Partial<CommandReference>
  readonly plan?: Partial<FitPlan>
}

/** Runs a command for one trial as a sweep does. */
export async function run(directory: string, command: string[], options: RunOptions = {}): Promise<Ran> {
  const {
    params = {},
    timeLimit = Number.POSITIVE_INFINITY,
    signal,
    pruneAt,
    trial = 0,
    artifactsMB,
    program,
  } = options
  const plan: FitPlan = {
    trainer: { kind: 'command', command, directory, ...program },
    data: null,
    resampling: null,
    seed: 1,
    objectiveMetric: 'loss',
    artifactsMB,
    ...options.plan,
  }
  const executor = createInlineExecutor({ plan, workers: 1, memoryLimit: null })
  const reports: { step: number; metrics: Readonly<Record<string, number>> }[] = []
  const began = performance.now()
  try {
    await executor.ready()
    const outcome = await executor.run(
      { trial, attempt: 0, part: { kind: 'whole' }, params, timeLimit },
      {
        signal,
        onReport: (step, metrics) => {
          reports.push({ step, metrics })
          return step === pruneAt ? 'prune' : 'continue'
        },
      },
    )
    const artifacts = outcome.artifacts ?? []
    const files = Object.fromEntries(
      artifacts.map(({ name, content }) => [name, Buffer.from(content).toString()]),
    )
    return { outcome, reports, files, seconds: (performance.now() - began) / 1000 }
  } finally {
    await executor.close()
  }
}

/** Runs a shell script. */
export async function runShell(lines: string, options: RunOptions = {}, args: string[] = []): Promise<Ran> {
  const directory = temporaryFolder()
  shellScript(directory, lines)
  return run(directory, ['./train.sh', ...args], options)
}

/** `finished {"loss":1}`, `TRAINER_THREW: reason`. */
export function told({ outcome }: Ran): string {
  if (outcome.status === 'finished') return `finished ${JSON.stringify(outcome.result.metrics)}`
  return outcome.status === 'failed' ? `${outcome.code}: ${outcome.reason}` : outcome.status
}
