/**
 * Methods of other makers, each a program that answers ask and tell, one JSON object a line. Absent ones are
 * reported with the reason and left out.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { JsonObject, Params } from '../../src/values.js'

export interface Peer {
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

const python = process.env.ESPALIER_BENCH_PYTHON ?? 'python3'

/** One process, one thread, one question at a time. */
class Conversation {
  private readonly child: ChildProcessWithoutNullStreams
  private readonly waiting: { resolve: (answer: JsonObject) => void; reject: (error: Error) => void }[] = []
  private noise = ''
  constructor(program: string) {
    const one = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }
    this.child = spawn(python, [fileURLToPath(new URL(`./peers/${program}`, import.meta.url))], {
      env: { ...process.env, ...one },
    })
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.waiting.shift()?.resolve(JSON.parse(line))
    })
    this.child.stderr.on('data', (chunk) => {
      this.noise = (this.noise + chunk).slice(-2000)
    })
    const fail = (why: string) => {
      for (const { reject } of this.waiting.splice(0)) reject(new Error(why))
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
  get alive(): boolean {
    return this.child.exitCode === null && this.child.stdin.writable
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

export async function openOptuna(
  sampler: 'gp' | 'tpe',
  parameters: Readonly<Record<string, unknown>>,
  seed: number,
): Promise<ImportingPeer> {
  const conversation = idle.pop() ?? new Conversation('optuna_peer.py')
  const opened = await conversation.say({ op: 'open', sampler, parameters: parameters as JsonObject, seed })
  let telling = 0
  return {
    version: opened.version as string,
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
    },
  }
}
