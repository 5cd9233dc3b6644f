/** A program run once for what it prints, as for its help: bounded in time and bytes, with nothing to read, and gone with all it started. */

import { Capture } from './capture.js'
import { inheritedEnvironment } from './environment.js'
import { markVariable } from './marked.js'
import { findProgram } from './open.js'
import { ProcessGroup, type ProgramEnd } from './process-group.js'
import { pythonPath } from './python-path.js'
import { makeScratch, removeScratch, scratchPrefix } from './scratch.js'

export interface RunOnceOptions {
  /** Where it runs, and where relative names start. */
  readonly directory: string
  /** Variables beside those it inherits. */
  readonly environment: Readonly<Record<string, string>>
  /** ms after which it is ended. */
  readonly timeLimit: number
  /** Bytes of stdout after which it is ended. */
  readonly mostBytes: number
}

export interface RanOnce {
  /** How it ended: by itself, after the time limit, or because it printed too much. */
  readonly ended: ProgramEnd | 'time' | 'bytes'
  readonly stdout: string
  /** Beginning and end. */
  readonly stderr: string
  /** The last lines of stderr, else of stdout, that are not blank. */
  lastLines(count: number): string[]
}

/** @throws EspalierError TRAINER_INVALID where there is no such program. */
export async function runOnce(command: readonly string[], options: RunOnceOptions): Promise<RanOnce> {
  const { directory, environment, timeLimit, mostBytes } = options
  const program = await findProgram(command[0], directory)
  const scratch = await makeScratch()
  try {
    const env = {
      ...inheritedEnvironment(),
      ...environment,
      PYTHONPATH: pythonPath(process.env.PYTHONPATH),
      [markVariable]: scratch,
    }
    const folders = { folder: scratch, prefix: await scratchPrefix() }
    const group = new ProcessGroup([program, ...command.slice(1)], { cwd: directory, env }, folders)
    const { stdin, stdout, stderr } = group.child
    let cut: 'time' | 'bytes' | null = null
    const end = (why: 'time' | 'bytes') => {
      cut ??= why
      group.end()
    }
    const printed = { stdout: new Capture(2 * mostBytes), stderr: new Capture() }
    let bytes = 0
    stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      printed.stdout.add(chunk)
      if (bytes > mostBytes) end('bytes')
    })
    stderr.on('data', (chunk: Buffer) => printed.stderr.add(chunk))
    stdin.end()
    const timer = setTimeout(() => end('time'), timeLimit)
    try {
      const ended = await group.ended(() => true)
      return {
        ended: cut ?? ended,
        stdout: printed.stdout.content().toString('utf8'),
        stderr: printed.stderr.content().toString('utf8'),
        lastLines(count) {
          const last = printed.stderr.lastLines(count)
          return last.length > 0 ? last : printed.stdout.lastLines(count)
        },
      }
    } finally {
      clearTimeout(timer)
    }
  } finally {
    await removeScratch(scratch)
  }
}
