/**
 * Whether the code that a record names may be run. One rule: what runs is code that the user named in this call, or
 * vouches for. A record cannot vouch for itself, for it may be a stranger's.
 *
 * So that going on with one's own sweeps asks nothing, this machine remembers the sweeps that were started on it, in a file
 * outside every store: `espalier/trusted` in $XDG_STATE_HOME (else ~/.local/state; on Windows %LOCALAPPDATA%), one line
 * a sweep, its id and a digest of what it runs. Where that file cannot be written nothing is remembered, and nothing
 * fails. Only modules and programs are code; the trainers that come with Espalier, and models, are not.
 */
import { createHash } from 'node:crypto'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { EspalierError } from '../errors.js'
import type { CommandReference } from '../training/index.js'
import { modulesOf } from './choice.js'
import { ownMetrics } from './own-metrics.js'
import { environmentInWords } from './program-words.js'
import { digestOf } from './read-file.js'
import type { SweepSpec } from './spec/types.js'

/** What a caller says of the code of a sweep on record. */
export interface Vouching {
  /** What the record names may be run, whatever it is. */
  readonly trustModule?: boolean
  /** The module itself, by its path: it may be run where it is the recorded one. */
  readonly module?: string
}

function rememberedIn(): string {
  const { XDG_STATE_HOME: stated = '', LOCALAPPDATA: local = '' } = process.env
  const state = isAbsolute(stated)
    ? stated
    : process.platform === 'win32' && isAbsolute(local)
      ? local
      : join(homedir(), '.local', 'state')
  return join(state, 'espalier', 'trusted')
}

function runsCode(spec: SweepSpec): boolean {
  const { trainer } = spec
  return trainer.kind === 'command' || modulesOf(trainer).length > 0 || ownMetrics(spec).length > 0
}

/** A program takes its parameters as arguments: they are part of what runs. */
function lineOf(sweep: string, spec: SweepSpec): string {
  const { trainer, parameters } = spec
  const metrics = ownMetrics(spec)
  const digest = createHash('sha256')
    .update(JSON.stringify([trainer, parameters, ...(metrics.length > 0 ? [metrics] : [])]))
    .digest('hex')
  return `${sweep} ${digest}`
}

/** That a sweep was started here, with code its user named. */
export async function remember(sweep: string, spec: SweepSpec): Promise<void> {
  if (!runsCode(spec)) return
  const file = rememberedIn()
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await appendFile(file, `${lineOf(sweep, spec)}\n`, { mode: 0o600 })
  } catch {
    // A home that cannot be written to: `resume` will ask.
  }
}

async function isRemembered(sweep: string, spec: SweepSpec): Promise<boolean> {
  try {
    return (await readFile(rememberedIn(), 'utf8')).split('\n').includes(lineOf(sweep, spec))
  } catch {
    return false
  }
}

/** A variable can be code too: what is loaded before a program, where it finds its modules. */
function withVariables(program: CommandReference): string {
  const variables = environmentInWords(program)
  return variables === '' ? '' : ` with ${variables} in its environment`
}

/**
 * Throws CODE_UNTRUSTED where nobody vouches for the code that a sweep on record runs.
 * @param runs loading a model runs the module of its trainer alone, and none of metrics.
 */
export async function checkTrusted(
  sweep: string,
  spec: SweepSpec,
  { trustModule = false, module }: Vouching,
  runs: 'all of it' | 'its trainer' = 'all of it',
): Promise<void> {
  const { trainer } = spec
  const metrics = runs === 'its trainer' ? [] : ownMetrics(spec)
  if (trustModule || !runsCode({ ...spec, metrics })) return
  const modules = modulesOf(trainer)
  const isNamed =
    modules.length === 1 && module !== undefined && (await digestOf(module)) === modules[0].digest
  if ((isNamed && metrics.length === 0) || (await isRemembered(sweep, spec))) return
  const ofMetrics = metrics.map(({ name, module }) => `the module ${module} of the metric "${name}"`)
  const [what, remedy] =
    trainer.kind !== 'command'
      ? [
          [...modules.map(({ file }) => `the module ${file}`), ...ofMetrics],
          modules.length !== 1 || metrics.length > 0
            ? 'look at them and add --trust-module (in code: trustModule, or importModule for a model)'
            : 'look at it and add --trust-module (in code: trustModule, or importModule for a model), or name the same module yourself: --trainer FILE',
        ]
      : [
          [
            `the program ${trainer.command.map((word) => JSON.stringify(word)).join(' ')}, run in ${trainer.directory}${withVariables(trainer)}`,
          ],
          'look at it and add --trust-module (in code: trustModule)',
        ]
  throw new EspalierError(
    'CODE_UNTRUSTED',
    `code that a record names is run only where you vouch for it (sweep ${sweep} runs ${what.join(' and ')}, and was not started by you on this machine, or has been altered since); ${remedy}`,
  )
}
