/**
 * What the makers' tools say of a machine's devices: `nvidia-smi` and `rocm-smi`, as they are found on the PATH. A tool that is
 * not there, fails, says something else or does not answer in time is told of, and never waited for any longer.
 */
import { spawn } from 'node:child_process'
import { isJsonObject, type JsonObject } from '../values.js'

/** A device as a tool knows it. */
export interface KnownDevice {
  readonly kind: 'cuda' | 'rocm'
  /** The tool's number of it; null of a part of a divided one (MIG). */
  readonly index: string | null
  readonly uuid: string | null
  readonly name: string | null
  readonly memoryMB: number | null
  readonly driver: string | null
  /** UUIDs of the parts (MIG) it is divided into: then it cannot be used whole. */
  readonly parts: readonly string[]
}

/** What became of a question. */
type Answer =
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly why: string }

export type Environment = Readonly<Record<string, string | undefined>>

/** Bytes of an answer: far more than any machine has devices. */
const mostText = 1024 * 1024

/** Devices of this machine, and why a tool that is there told of none, each in words. */
export interface ToolsSay {
  readonly devices: readonly KnownDevice[]
  readonly faults: readonly string[]
}

/** @param timeLimit ms for each tool. */
export async function askTools(environment: Environment, timeLimit: number): Promise<ToolsSay> {
  const cuda = await askNvidia(environment, timeLimit)
  if (cuda.devices.length > 0) return cuda
  const rocm = await askRocm(environment, timeLimit)
  return { devices: rocm.devices, faults: [...cuda.faults, ...rocm.faults] }
}

/** Megabytes in use now, by the numbers and UUIDs of devices; null where the tool does not tell. */
export async function memoryInUse(
  kind: 'cuda' | 'rocm',
  environment: Environment,
  timeLimit: number,
): Promise<ReadonlyMap<string, number> | null> {
  if (kind === 'cuda') {
    const used = await ask('nvidia-smi', nvidiaQuery('index,uuid,memory.used'), environment, timeLimit)
    if (used.kind !== 'answer') return null
    return numbersBy(rowsOf(used.text).map(([index, uuid, mb]) => [[index, uuid], Number(mb || Number.NaN)]))
  }
  const used = await ask('rocm-smi', ['--showmeminfo', 'vram', '--json'], environment, timeLimit)
  const cards = used.kind === 'answer' ? cardsIn(used.text) : null
  return cards && numbersBy(cards.map(({ index, said }) => [[index], megabytes(said, /^vram total used/i)]))
}

function numbersBy(
  found: readonly (readonly [readonly (string | undefined)[], number | null])[],
): ReadonlyMap<string, number> | null {
  const numbers = new Map<string, number>()
  for (const [names, mb] of found)
    if (mb !== null && Number.isFinite(mb) && mb >= 0)
      for (const name of names) if (name) numbers.set(name, mb)
  return numbers.size === 0 ? null : numbers
}

function nvidiaQuery(fields: string): string[] {
  return [`--query-gpu=${fields}`, '--format=csv,noheader,nounits']
}

async function askNvidia(environment: Environment, timeLimit: number): Promise<ToolsSay> {
  const query = nvidiaQuery('index,uuid,name,memory.total,driver_version')
  const [said, listed] = await Promise.all([
    ask('nvidia-smi', query, environment, timeLimit),
    // Only the list tells of the parts of divided devices.
    ask('nvidia-smi', ['-L'], environment, timeLimit),
  ])
  if (said.kind === 'absent') return { devices: [], faults: [] }
  if (said.kind === 'failed') return { devices: [], faults: [`nvidia-smi ${said.why}`] }
  const parts = listed.kind === 'answer' ? partsIn(listed.text) : new Map<string, Part[]>()
  const devices = rowsOf(said.text).flatMap(([index, uuid, name, memory, driver]): KnownDevice[] => {
    if (!/^\d+$/.test(index ?? '')) return []
    const own = parts.get(index) ?? []
    const known = { kind: 'cuda' as const, name: word(name), driver: word(driver) }
    const device = { ...known, index, uuid: word(uuid), memoryMB: wholeNumber(memory) }
    return [
      { ...device, parts: own.map((part) => part.uuid) },
      ...own.map((part) => ({
        ...known,
        index: null,
        uuid: part.uuid,
        name: known.name === null ? part.name : `${known.name} ${part.name}`,
        memoryMB: null,
        parts: [],
      })),
    ]
  })
  if (devices.length > 0 || said.text.trim() === '') return { devices, faults: [] }
  return { devices: [], faults: [unlike('nvidia-smi', said.text)] }
}

interface Part {
  readonly name: string
  readonly uuid: string
}

/** Of `nvidia-smi -L`: `GPU 0: … (UUID: GPU-…)`, and below it `  MIG 1g.5gb  Device 0: (UUID: MIG-…)`. */
function partsIn(text: string): Map<string, Part[]> {
  const parts = new Map<string, Part[]>()
  let whole = ''
  for (const line of text.split('\n')) {
    whole = /^GPU (\d+):/.exec(line)?.[1] ?? whole
    const part = /^\s+(MIG \S+)\s+Device\s+\d+: \(UUID: (MIG-[^)\s]+)\)/.exec(line)
    if (part !== null) parts.set(whole, [...(parts.get(whole) ?? []), { name: part[1], uuid: part[2] }])
  }
  return parts
}

async function askRocm(environment: Environment, timeLimit: number): Promise<ToolsSay> {
  const query = [
    '--showproductname',
    '--showuniqueid',
    '--showmeminfo',
    'vram',
    '--showdriverversion',
    '--json',
  ]
  const said = await ask('rocm-smi', query, environment, timeLimit)
  if (said.kind === 'absent') return { devices: [], faults: [] }
  if (said.kind === 'failed') return { devices: [], faults: [`rocm-smi ${said.why}`] }
  const cards = cardsIn(said.text)
  if (cards === null) return { devices: [], faults: [unlike('rocm-smi', said.text)] }
  const driver = word(textIn(systemIn(said.text), /^driver version$/i))
  const devices = cards.map(({ index, said: card }): KnownDevice => {
    const unique = /^0x([\da-f]+)$/i.exec(textIn(card, /^unique id$/i) ?? '')?.[1]
    const memory = megabytes(card, /^vram total memory/i)
    return {
      kind: 'rocm',
      index,
      uuid: unique === undefined ? null : `GPU-${unique.toLowerCase()}`,
      name: word(textIn(card, /^card series$/i) ?? textIn(card, /^(device name|card model)$/i)),
      memoryMB: memory,
      driver,
      parts: [],
    }
  })
  return { devices, faults: [] }
}

/** `{"card0": {…}, "card1": {…}, "system": {…}}`, with warnings before it at times; by number. Null where it is no such thing. */
function cardsIn(text: string): { readonly index: string; readonly said: JsonObject }[] | null {
  const json = jsonIn(text)
  if (json === null) return null
  const cards = Object.entries(json).flatMap(([name, said]) => {
    const index = /^card(\d+)$/.exec(name)?.[1]
    return index !== undefined && isJsonObject(said) ? [{ index, said: said as JsonObject }] : []
  })
  return cards.sort((a, b) => Number(a.index) - Number(b.index))
}

function systemIn(text: string): JsonObject {
  const system = jsonIn(text)?.system
  return isJsonObject(system) ? (system as JsonObject) : {}
}

function jsonIn(text: string): JsonObject | null {
  try {
    const found: unknown = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1))
    return isJsonObject(found) ? (found as JsonObject) : null
  } catch {
    return null
  }
}

function textIn(card: JsonObject, name: RegExp): string | undefined {
  const found = Object.entries(card).find(([key]) => name.test(key))?.[1]
  return found === undefined || found === null ? undefined : String(found)
}

/** What a card says in bytes. */
function megabytes(card: JsonObject, name: RegExp): number | null {
  const bytes = wholeNumber(textIn(card, name))
  return bytes === null ? null : Math.round(bytes / 2 ** 20)
}

function rowsOf(csv: string): string[][] {
  return csv.split('\n').flatMap((line) => {
    const cells = line.split(',').map((cell) => cell.trim())
    return cells.length > 1 ? [cells] : []
  })
}

/** Null where the tool has no answer: `[N/A]`, `[Not Supported]`. */
function word(said: string | undefined): string | null {
  return said === undefined || said === '' || /^(\[.*\]|N\/A)$/.test(said) ? null : said.slice(0, 200)
}

function wholeNumber(said: string | undefined): number | null {
  return said !== undefined && /^\d+$/.test(said) ? Number(said) : null
}

function unlike(tool: string, text: string): string {
  return `${tool} said something else than devices: ${JSON.stringify(text.trim().slice(0, 80))}`
}

/** Asks a tool. Resolves in any case, at the time limit at the latest. */
function ask(
  tool: string,
  args: readonly string[],
  environment: Environment,
  timeLimit: number,
): Promise<Answer> {
  return new Promise((resolve) => {
    const child = spawn(tool, args, { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    let errors = ''
    const settle = (answer: Answer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      // One that the system holds does not end, and keeps nobody waiting.
      child.stdout?.destroy()
      child.stderr?.destroy()
      child.unref()
      settle({ kind: 'failed', why: `did not answer within ${timeLimit / 1000} s` })
    }, timeLimit)
    child.stdout?.on('data', (chunk) => {
      if (text.length < mostText) text += chunk
    })
    child.stderr?.on('data', (chunk) => {
      if (errors.length < mostText) errors += chunk
    })
    child.on('error', (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'ENOENT' || error.code === 'ENOTDIR'
      settle(absent ? { kind: 'absent' } : { kind: 'failed', why: `cannot be started (${error.message})` })
    })
    child.on('close', (code, signal) => {
      if (code === 0) return settle({ kind: 'answer', text })
      // Both say what is wrong on stdout.
      const [said = ''] = `${errors}\n${text}`.trim().split('\n')
      const how = signal === null ? `exit code ${code}` : signal
      settle({ kind: 'failed', why: `ended with ${how}${said === '' ? '' : `: ${said.slice(0, 200)}`}` })
    })
  })
}
