/**
 * Methods of other makers, each a program that answers ask and tell, one JSON object a line. Absent ones are
 * reported with the reason and left out.
 *
 * They run in `python3`, or in the Python that ESPALIER_BENCH_PYTHON names; ESPALIER_BENCH_PYTHON_HEBO (and _SMAC,
 * _NEVERGRAD, _AX, _OPTUNA) names another one for a peer whose requirements exclude the others'.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { JsonObject, Params } from '../../src/values.js'

export interface Peer {
  /** The library and its version; absent where it is this one. */
  readonly version?: string
  /** Suggests as many as are in flight at once: it is told all of them before it is asked for more. */
  readonly batches?: boolean
  /** Params of the next trial, and how long the method took, in milliseconds of processor time (measured where it runs). */
  ask(): Promise<{ trial: number; params: Params; milliseconds: number }>
  tell(trial: number, value: number): Promise<void>
  close(): void
}

export interface ImportingPeer extends Peer {
  readonly version: string
  /** Takes finished trials as if it had suggested them. */
  import(trials: readonly { readonly params: Params; readonly value: number }[]): Promise<void>
}

/** Peers by the name of the method; each is the program `peers/NAME_peer.py`. */
export const programs = {
  'optuna-gp': 'optuna',
  'optuna-tpe': 'optuna',
  hebo: 'hebo',
  smac: 'smac',
  nevergrad: 'nevergrad',
  ax: 'ax',
} as const
export type PeerMethod = keyof typeof programs
export const isPeer = (method: string): method is PeerMethod => method in programs

/** The Python that a program of this folder runs in. */
export function pythonOf(program: string): string {
  const {
    ESPALIER_BENCH_PYTHON: usual = 'python3',
    [`ESPALIER_BENCH_PYTHON_${program.toUpperCase()}`]: own,
  } = process.env
  return own ?? usual
}

/** What went wrong in a peer's program. */
export class PeerError extends Error {}

/** One process, one thread, one question at a time. */
class Conversation {
  private readonly child: ChildProcessWithoutNullStreams
  private readonly waiting: { resolve: (answer: JsonObject) => void; reject: (error: Error) => void }[] = []
  private noise = ''
  private failed = false
  constructor(readonly program: string) {
    const one = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }
    const file = fileURLToPath(new URL(`./peers/${program}_peer.py`, import.meta.url))
    this.child = spawn(pythonOf(program), [file], {
      env: { ...process.env, ...one },
    })
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const { resolve, reject } = this.waiting.shift() ?? {}
      const answer = JSON.parse(line) as JsonObject
      if (typeof answer.error === 'string') {
        this.failed = true
        reject?.(new PeerError(answer.error))
      } else resolve?.(answer)
    })
    this.child.stderr.on('data', (chunk) => {
      this.noise = (this.noise + chunk).slice(-2000)
    })
    const fail = (why: string) => {
      for (const { reject } of this.waiting.splice(0)) reject(new PeerError(why))
    }
    this.child.on('error', (error) => fail(error.message))
    this.child.on('exit', () => fail(this.noise.trim().split('\n').at(-1) ?? 'ended'))
  }
  say(message: JsonObject): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      this.child.stdin.write(`${JSON.stringify(message)}\n`, () => {})
    })
  }
  /** Whether it may play a next run. */
  get alive(): boolean {
    return !this.failed && this.child.exitCode === null && this.child.stdin.writable
  }
  end(): void {
    this.child.stdin.end()
  }
}

/** Programs between two runs: starting one costs seconds. */
const idle: Conversation[] = []

/** Ends the programs that wait for a next run. */
export function endPeers(): void {
  for (const conversation of idle.splice(0)) conversation.end()
}

/** A conversation with the program, an idle one if there is one. */
function conversationWith(program: string): Conversation {
  const at = idle.findIndex((one) => one.program === program)
  return at < 0 ? new Conversation(program) : idle.splice(at, 1)[0]
}

/**
 * A peer, new to the task.
 *
 * @param trials how many will be asked for: some plan with it
 * @throws PeerError where its Python or its library is absent, or it has no such parameters
 */
export async function openPeer(
  method: PeerMethod,
  parameters: Readonly<Record<string, unknown>>,
  seed: number,
  parallel: number,
  trials: number,
): Promise<ImportingPeer> {
  const conversation = conversationWith(programs[method])
  const opened = await conversation.say({
    op: 'open',
    method,
    parameters: parameters as JsonObject,
    seed,
    parallel,
    trials,
  })
  let telling = 0
  return {
    version: opened.version as string,
    batches: opened.batches === true,
    async ask() {
      const answer = await conversation.say({ op: 'ask' })
      const milliseconds = ((answer.seconds as number) + telling) * 1000
      telling = 0
      return { trial: answer.trial as number, params: answer.params as Params, milliseconds }
    },
    async tell(trial, value) {
      telling += (await conversation.say({ op: 'tell', trial, value })).seconds as number
    },
    async import(trials) {
      await conversation.say({ op: 'import', trials: trials.map(({ params, value }) => ({ params, value })) })
    },
    close() {
      if (conversation.alive) idle.push(conversation)
      else conversation.end()
    },
  }
}

/** Optuna, for benches that ask how long it takes and not how good it is. */
export function openOptuna(
  sampler: 'gp' | 'tpe',
  parameters: Readonly<Record<string, unknown>>,
  seed: number,
): Promise<ImportingPeer> {
  return openPeer(`optuna-${sampler}`, parameters, seed, 1, 100)
}
