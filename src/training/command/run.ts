/** One trial of a program: started, listened to, answered, ended, and what came of it. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { printedNames } from '../../names.js'
import type { Metrics, Params } from '../../values.js'
import { FitFailure } from '../failures.js'
import type { FitPlace } from '../place.js'
import type { LeftFile } from '../plan.js'
import type { ObjectiveContext, ObjectiveResult } from '../types.js'
import { Capture } from './capture.js'
import { Conversation } from './conversation.js'
import { endingFailure, lastSaid } from './ending.js'
import { inheritedEnvironment, paramsEnvironment } from './environment.js'
import { whenGroupGone } from './gone.js'
import { leftSoFar, type Printed, streams, takeUpLeft } from './left.js'
import { Lines } from './lines.js'
import { markVariable } from './marked.js'
import { fillArguments, type OwnValues } from './placeholders.js'
import { ProcessGroup, type ProgramEnd } from './process-group.js'
import { reportMark } from './protocol.js'
import { pythonPath } from './python-path.js'
import { readBounded } from './read-bounded.js'
import { Readings } from './readings.js'
import type { ProgramResult } from './reference.js'
import { type Found, reportsIn, reportsInFile, strayReport } from './reports.js'
import { ReportsFile } from './reports-file.js'
import { ResultFile } from './result-file.js'
import { packSaid, type Said } from './said.js'
import { makeScratch, removeScratch, scratchPrefix } from './scratch.js'

/** What running a program needs to know of the trial's artifacts, because they are files that may be of any size. */
export interface ProgramContext extends ObjectiveContext {
  /** Bytes of all of them together. */
  readonly artifactsLimit: number
  /** One is larger. */
  leaveOut(name: string): void
  /** A line that the program printed, as it does. */
  print?(line: string): void
  /** Where it runs. */
  readonly place: FitPlace
  /** Something of the program goes on there until then, though the trial has ended. */
  occupied(until: Promise<unknown>): void
  /** What was left before, where the program goes on from a checkpoint. */
  readonly left: readonly LeftFile[]
  /** Takes what tells of the program while it runs. */
  follow(told: {
    /** Whether it goes on without waiting for the answer to its report. */
    goesOn(): boolean
    /** What it printed and the artifacts that it named so far. */
    leaves(): readonly LeftFile[]
  }): void
  /** The metric that the sweep optimises. */
  readonly objectiveMetric: string
  /** The last value of each metric that is on record, where the fit goes on. */
  readonly reported: Metrics
}

export interface Program {
  /** The program and its arguments, with placeholders; the program as the system finds it. */
  readonly command: readonly string[]
  /** Names of all parameters of the sweep, active or not; those of each trial unless given. */
  readonly parameters?: readonly string[]
  /** Where it runs, and where relative names in its reports start. */
  readonly directory: string
  /** What it is called in messages. */
  readonly name: string
  /** Variables beside those it inherits. */
  readonly environment: Readonly<Record<string, string>>
  /** ms between asking it to end and making it. */
  readonly graceMs: number
  /** How what it does not report is read, as in its reference. */
  readonly metrics?: Readonly<Record<string, string>>
  readonly result?: ProgramResult
}

/** A program that reports faster than its reports can be recorded is held up above so many. */
const mostBacklog = 1000
/** Bytes of answers that wait for a program that does not read them. */
const mostAnswers = 1024 * 1024

/** Runs the program for one trial. Throws FitFailure; what it printed and left is kept either way. */
export async function runProgram(
  program: Program,
  params: Params,
  context: ProgramContext,
): Promise<ObjectiveResult> {
  const scratch = await makeScratch()
  try {
    const letters = await makeScratch()
    try {
      return await converse(program, params, context, { scratch, letters })
    } finally {
      await removeScratch(letters)
    }
  } finally {
    await removeScratch(scratch)
  }
}

/** Both go when the program has ended. */
interface Folders {
  /** The trial's own, in which there is nothing but what the program puts there. */
  readonly scratch: string
  /** What passes between Espalier and the program: its params, its reports. */
  readonly letters: string
}

async function converse(
  program: Program,
  params: Params,
  context: ProgramContext,
  folders: Folders,
): Promise<ObjectiveResult> {
  const { scratch, letters } = folders
  const own = { directory: scratch, checkpoint: context.checkpoint }
  const printed = { stdout: new Capture(), stderr: new Capture() }
  const before = await takeUpLeft(context.left, printed, own)
  const values = ownValues(context, folders)
  const file = await resultFile(program, params, values, before.result)
  // From its start on nothing is waited for before it is listened to.
  const group = await start(program, params, context, folders, values)
  const { stdin, stdout, stderr } = group.child
  let stopTimer: NodeJS.Timeout | undefined
  const conversation = new Conversation(context, {
    answer(line) {
      if (stdin.writable && (stdin.writableLength < mostAnswers || line.includes('"stop"'))) stdin.write(line)
    },
    stopping(isTold) {
      if (!isTold) return group.end()
      // A program that heeds the answer ends by itself; one that does not is ended like any other.
      stopTimer ??= setTimeout(() => group.end(), program.graceMs)
    },
    broken: () => group.end(),
  })
  for (const [name, path] of before.artifacts) conversation.takeUp(name, path)
  const readings = new Readings(program, context, file, conversation)
  if (before.said !== null) {
    conversation.goOnFrom(before.said.conversation)
    readings.goOnFrom(before.said.readings)
  }
  const hear = (found: Found) => conversation.hear(readings.admitted(found))
  context.follow({
    goesOn: () => conversation.backlog > 1,
    leaves: () => [
      ...leftSoFar(conversation, printed, program.directory, own),
      ...saidSoFar(printed, conversation, readings),
      ...resultSoFar(file),
    ],
  })
  const lines = new Lines((line) => {
    context.print?.(line)
    for (const found of reportsIn(line)) hear(found)
    readings.add('stdout', line)
  })
  const strayLines = new Lines((line) => {
    context.print?.(line)
    const found = strayReport(line)
    if (found !== null) conversation.hear(found)
    readings.add('stderr', line)
  })
  const listen = (name: 'stdout' | 'stderr', stream: Readable, into: Lines) =>
    stream.on('data', (chunk: Buffer) => {
      printed[name].add(chunk)
      into.push(chunk)
      readings.read(name)
      if (conversation.backlog <= mostBacklog) return
      stream.pause()
      void conversation.settled().then(() => stream.resume())
    })
  listen('stdout', stdout, lines)
  listen('stderr', stderr, strayLines)
  const reports = new ReportsFile(
    reportsFile(letters),
    (line) => {
      for (const found of reportsInFile(line)) hear(found)
    },
    (fault) => conversation.fail(fault),
    async () => {
      if (conversation.backlog > mostBacklog) await conversation.settled()
      return conversation.fault === null && !context.signal.aborted
    },
  )
  const onAbort = () => group.end()
  if (context.signal.aborted) onAbort()
  context.signal.addEventListener('abort', onAbort)
  try {
    let end: ProgramEnd
    try {
      end = await group.ended(() => conversation.backlog === 0 && !stdout.isPaused() && !stderr.isPaused())
    } catch (error) {
      throw notStarted(program, error)
    } finally {
      await reports.end()
    }
    lines.end()
    strayLines.end()
    readings.read('stdout')
    readings.read('stderr')
    await conversation.settled()
    keepOutput(printed, context)
    if (!context.signal.aborted) await keepArtifacts(conversation, program, context)
    await readings.conclude(end, printed, context.signal)
    const result = outcome(program, conversation, end, printed.stderr)
    if (conversation.unread !== null) context.log(conversation.unread)
    return result
  } finally {
    const { pid } = group.child
    if (context.place.devices !== null && pid !== undefined) context.occupied(whenGroupGone(pid))
    clearTimeout(stopTimer)
    context.signal.removeEventListener('abort', onAbort)
  }
}

/** What stands in braces beside the parameters. */
function ownValues(context: ProgramContext, { scratch, letters }: Folders): OwnValues {
  return {
    params: join(letters, 'params.json'),
    trial: String(context.trial),
    seed: String(context.seed),
    directory: scratch,
    checkpoint: context.checkpoint,
    seat: String(context.place.seat),
    device: context.place.devices?.join(',') ?? '',
  }
}

/** What it has said by now that counts at its end. */
function saidSoFar({ stdout, stderr }: Printed, conversation: Conversation, readings: Readings): LeftFile[] {
  const said: Said = {
    dropped: { stdout: stdout.dropped, stderr: stderr.dropped },
    conversation: conversation.said,
    readings: readings.said,
  }
  const { result, unread } = said.conversation
  const isNothing = result === undefined && unread === null && said.readings === null
  if (isNothing && said.dropped.stdout + said.dropped.stderr === 0) return []
  return [{ kind: 'said', name: '', origin: '', content: packSaid(said) }]
}

function resultSoFar(file: ResultFile | null): LeftFile[] {
  const content = file?.left ?? null
  return content === null ? [] : [{ kind: 'result', name: '', origin: '', content }]
}

async function resultFile(
  program: Program,
  params: Params,
  values: OwnValues,
  kept: Uint8Array | null,
): Promise<ResultFile | null> {
  const { result, directory, parameters } = program
  if (typeof result !== 'object') return null
  const [name] = fillArguments([result.file], params, values, parameters)
  return ResultFile.expected(resolve(directory, name), kept)
}

async function start(
  program: Program,
  params: Params,
  context: ProgramContext,
  { scratch, letters }: Folders,
  values: OwnValues,
) {
  await writeFile(values.params, `${JSON.stringify(params, null, 2)}\n`)
  await writeFile(reportsFile(letters), '')
  const command = fillArguments(program.command, params, values, program.parameters)
  const options = {
    cwd: program.directory,
    env: {
      // What Python prints into a pipe would otherwise wait there until it ends.
      PYTHONUNBUFFERED: '1',
      ...inheritedEnvironment(),
      ...program.environment,
      ...paramsEnvironment(params),
      ...context.place.environment,
      ESPALIER_TRIAL: values.trial,
      ESPALIER_SEED: values.seed,
      ESPALIER_PARAMS_FILE: values.params,
      ESPALIER_CHECKPOINT: values.checkpoint,
      // Whole, as programs read it: after step 1.5 it is 2.
      ESPALIER_STEP: String(Math.floor(context.step)),
      ESPALIER_REPORTS: reportsFile(letters),
      ESPALIER_SEAT: values.seat,
      ...(context.place.devices !== null && { ESPALIER_DEVICE: values.device }),
      PYTHONPATH: pythonPath(program.environment.PYTHONPATH ?? process.env.PYTHONPATH),
      [markVariable]: scratch,
    },
  }
  try {
    const folders = { folder: scratch, prefix: await scratchPrefix() }
    return new ProcessGroup(command, options, folders, program.graceMs)
  } catch (error) {
    throw notStarted(program, error)
  }
}

function notStarted({ name }: Program, error: unknown): FitFailure {
  const why = (error as Error).message
  return new FitFailure('PROGRAM_FAILED', `${name} cannot be started: ${why}`, { cause: error })
}

function reportsFile(letters: string): string {
  return join(letters, 'reports.jsonl')
}

function keepOutput(printed: Printed, context: ProgramContext): void {
  for (const stream of streams) {
    const content = printed[stream].content()
    if (content.length > 0) context.artifact(`${stream}.txt`, content)
  }
}

async function keepArtifacts(
  { artifacts, kept }: Conversation,
  { directory }: Program,
  context: ProgramContext,
): Promise<void> {
  for (const [name, file] of artifacts) {
    const path = resolve(directory, file)
    // Handed in before an interruption, and gone with it or with the machine: it stays as it was then.
    const before = kept.get(name)
    if (before !== undefined && !existsSync(path)) {
      context.artifact(name, before)
      continue
    }
    if (printedNames.includes(name)) {
      throw new FitFailure(
        'RESULT_INVALID',
        `what a program prints is kept as ${name}; give the artifact ${path} another name`,
      )
    }
    const content = await readBounded(path, context.artifactsLimit, context.signal)
    if (content === null) context.leaveOut(name)
    else context.artifact(name, content)
  }
}

/** What the trial gave, by what the program said and how it ended. */
function outcome(
  { name }: Program,
  { fault, failed, result, unread }: Conversation,
  end: ProgramEnd,
  stderr: Capture,
): ObjectiveResult {
  if (fault !== null) throw fault
  const failure = endingFailure(name, end, failed, stderr)
  if (failure !== null) throw failure
  if (result === undefined) {
    const gave = unread === null ? 'gave none' : `none was found; ${unread}`
    throw new FitFailure(
      'RESULT_INVALID',
      `a program must give its result before it ends: a line ${reportMark} {"final": {"loss": 0.2}} on stdout, or the object alone in the file $ESPALIER_REPORTS (${name} ended with exit status 0 and ${gave})${lastSaid(stderr)}`,
    )
  }
  return result as ObjectiveResult
}
