/**
 * How a program ended, where that is a failure: what its exit status or the signal says, in words where those are known, and
 * whether memory ran out.
 *
 * A shell that ran something gives 128 and the number of the signal that ended it, so that both are told alike.
 */
import { constants } from 'node:os'
import { FitFailure } from '../failures.js'
import type { Capture } from './capture.js'
import type { ProgramEnd } from './process-group.js'

/** Lines of stderr in the reason of a failure. */
const shownLines = 6
/** How much of the end of stderr may tell of memory: traces and summaries of several processes stand behind the message. */
const lookedAt = { lines: 100, bytes: 32 * 1024 }

/** What they mean, where that is known. */
const signalsInWords: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGABRT: 'it gave up by itself: abort',
  SIGBUS: 'it touched memory that is not there',
  SIGFPE: 'its arithmetic went wrong, such as a division by zero',
  SIGHUP: 'its terminal closed',
  SIGILL: 'the processor does not know an instruction of it: it may be built for another',
  SIGINT: 'as by Ctrl-C, from outside Espalier',
  SIGPIPE: 'it wrote to who did not read any more',
  SIGSEGV: 'it touched memory that is not its own',
  SIGTERM: 'somebody asked it to end, and that was not Espalier',
  SIGXCPU: 'its limit of processor time is reached: ulimit -t',
  SIGXFSZ: 'its limit for the size of a file is reached: ulimit -f',
}
const statusesInWords: Readonly<Record<number, string>> = {
  126: 'a shell says by it that a command is there and cannot be run: chmod +x it, or name its interpreter',
  127: 'a shell says by it that a command was not found: check its name, the PATH, and the environment it is installed in',
}

/** Messages of those who had no memory left, as they stand at the end of stderr. */
const deviceMessages = [
  /\b(?:CUDA|HIP|XPU|MPS backend) out of memory\b/i,
  /\b(?:cudaErrorMemoryAllocation|CUDA_ERROR_OUT_OF_MEMORY|hipErrorOutOfMemory)\b/,
  /\b(?:CUBLAS|CUDNN|HIPBLAS|ROCBLAS|CUSOLVER)_STATUS_ALLOC_FAILED\b/,
  /\btorch\.(?:\w+\.)?OutOfMemoryError\b/,
  /\bcupy\S*\.OutOfMemoryError\b/,
  /RESOURCE_EXHAUSTED: (?:Out of memory|OOM)/i,
  /\bOOM when allocating tensor\b/,
]
const machineMessages = [
  /^\s*(?:[\w.]+\.)?_?(?:Array)?MemoryError(?::|\s*$)/,
  /\bstd::bad_alloc\b/,
  /\bJavaScript heap out of memory\b/,
  /\bjava\.lang\.OutOfMemoryError\b/,
  /\bfatal error: runtime: (?:out of memory|cannot allocate memory)/,
  /^memory allocation of \d+ bytes failed/,
  /\bcannot allocate (?:memory|vector of size)\b/i,
  /\bDefaultCPUAllocator: (?:can't allocate|not enough) memory\b/,
  /\bDataLoader worker .*killed by signal: Killed\b/,
  /\boom[-_]kill\b/,
]

/** The last lines of stderr, as they stand behind a reason; before them the telling one, where that stands further up. */
export function lastSaid(stderr: Capture, telling: string | null = null): string {
  const last = stderr.lastLines(shownLines)
  const lines = telling === null || last.includes(telling) ? last : [telling, '…', ...last]
  return lines.length === 0 ? '' : `:\n  ${lines.join('\n  ')}`
}

/**
 * Why a program failed that ended like this; null where it did not.
 * @param failed its own word that it did.
 */
export function endingFailure(
  name: string,
  end: ProgramEnd,
  failed: string | null,
  stderr: Capture,
): FitFailure | null {
  if (failed === null && end.code === 0) return null
  const how = failed === null ? howItEnded(name, end) : `${name} said that it failed: ${failed}`
  const lines = stderr.lastLines(lookedAt.lines, lookedAt.bytes)
  const memory = outOfMemory(end, failed === null ? lines : [...failed.split('\n'), ...lines])
  const said = failed === null ? lastSaid(stderr, memory?.telling) : ''
  return memory === null
    ? new FitFailure('PROGRAM_FAILED', `${how}${said}`)
    : new FitFailure('OUT_OF_MEMORY', `${memory.law} (${how}); ${memory.remedy}${said}`)
}

function howItEnded(name: string, { code, signal }: ProgramEnd): string {
  const ended = signalOf({ code, signal })
  const meaning = ended === null ? statusesInWords[code!] : signalsInWords[ended]
  const inWords = meaning === undefined ? '' : ` (${meaning})`
  if (signal !== null) return `${name} was ended by ${signal}${inWords}`
  const behind = ended === null ? '' : `, as of something it ran that was ended by ${ended}`
  return `${name} ended with exit status ${code}${behind}${inWords}`
}

/** The signal that ended it, or what it ran; null where there was none. */
function signalOf({ code, signal }: Pick<ProgramEnd, 'code' | 'signal'>): NodeJS.Signals | null {
  if (signal !== null) return signal
  const number = (code ?? 0) - 128
  const found = Object.entries(constants.signals).find(([, one]) => one === number)
  return found === undefined ? null : (found[0] as NodeJS.Signals)
}

interface NoMemory {
  readonly law: string
  readonly remedy: string
}

const ofDevice: NoMemory = {
  law: 'a trial must do with the memory of its device',
  remedy: 'bound what takes it (a batch, a model), give each fit a device of its own, or narrow the space',
}
const ofMachine: NoMemory = {
  law: 'a trial must do with the memory that is left',
  remedy: 'bound what takes it, run fewer at a time (--workers), or narrow the space',
}
/** The system ends so who takes the last of it. */
const bySystem: NoMemory = {
  ...ofMachine,
  law: `${ofMachine.law}, and whoever takes the last of it is ended by the system`,
  // The system's own count of such kills does not tell: others end programs for their memory too (Slurm, Kubernetes, systemd-oomd).
  remedy: `${ofMachine.remedy}; or, as nothing but the signal tells of it, somebody killed it (kill -9, a scheduler): --retries tries it again`,
}

/** What says that its memory ran out, and the line that tells of it; null where nothing does. */
function outOfMemory(
  end: ProgramEnd,
  lines: readonly string[],
): (NoMemory & { readonly telling: string | null }) | null {
  const among = (patterns: readonly RegExp[]) =>
    lines.findLast((line) => patterns.some((one) => one.test(line))) ?? null
  const [device, machine] = [among(deviceMessages), among(machineMessages)]
  if (device !== null) return { ...ofDevice, telling: device }
  if (machine !== null) return { ...ofMachine, telling: machine }
  return signalOf(end) === 'SIGKILL' && !end.asked ? { ...bySystem, telling: null } : null
}
