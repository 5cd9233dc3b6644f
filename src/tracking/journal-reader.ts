/**
 * Reads journals. Each line carries its own checksum and that of the line before, and the snapshot knows how many
 * lines there were: so a line that was changed, is missing, there twice or out of its place, and an end or a whole
 * journal that is gone, are noticed. What a crash leaves is told from damage: it is the beginning of one record
 * without its line end, or zeros, after everything else.
 */
import { EspalierError } from '../errors.js'
import type { SweepEvent } from './events.js'
import { corrupt, readFailed } from './failures.js'
import type { OpenFile } from './file-system.js'
import { checksumIn, decodeLine } from './line.js'

/**
 * 1: lines that do not know the ones before. 2: chained. 3: requests are on record, which a program that does not know them would
 * pass over when it goes on with the sweep.
 */
export const journalVersion = 3

/** The first line of every journal. `generation` grows when the journal is compacted. */
export interface JournalHead {
  event: 'journal'
  version: number
  sweep: string
  generation: number
}

/** A place between two lines: the bytes and lines before it, and the checksum of the last of those lines. */
export interface JournalPlace {
  bytes: number
  lines: number
  crc: string
}

export const journalStart: JournalPlace = { bytes: 0, lines: 0, crc: '' }

/** Takes an event, with the first byte and the bytes of its line. */
export type TakeEvent = (event: SweepEvent, from: number, bytes: number) => void

/** How far a journal is known to have come. */
export interface KnownPlace {
  generation: number
  place: JournalPlace
}

export interface JournalSource {
  path: string
  sweep: string
  /** Where to begin reading. */
  from: JournalPlace
  /** What the snapshot says, null where there is none. */
  known: KnownPlace | null
  /** Bytes after which reading may stop, at the end of a line; all of it without. */
  most?: number
}

interface JournalRead {
  version: number
  generation: number
  /** The end of the last whole record. */
  place: JournalPlace
  /** Bytes after it: half a record, left by a crash. */
  torn: number
  /** Whether it stopped before the end. */
  more: boolean
}

/** What is wrong with a line. */
export interface LineDamage {
  readonly line: number
  readonly what: string
}

class DamageFound extends Error {
  constructor(readonly damage: LineDamage) {
    super(damage.what)
  }
}

export function tornWarning(path: string, line: number, bytes: number, done: string): string {
  return `${path} line ${line}: the last ${bytes} bytes are half a record, left by a crash while it was written; ${done}`
}

/**
 * Reads the events of a journal from a place on and gives each to `take`.
 * @throws STORE_CORRUPT naming the first line that is not as it was written, and what of the others is whole.
 */
export async function readEvents(
  file: OpenFile,
  source: JournalSource,
  take: TakeEvent,
): Promise<JournalRead> {
  try {
    return await readStrictly(file, source, take)
  } catch (error) {
    if (!(error instanceof DamageFound)) throw error
    const { path, sweep } = source
    const { wholeLines, lines, events } = await readWhatIsWhole(file, path, sweep)
    const ended = events.filter(
      (event) => event.event === 'ended' || (event.event === 'child' && event.child.ended !== null),
    )
    const whole = `${wholeLines} of its ${lines} lines are whole and tell of ${ended.length} trials that ended`
    throw corrupt(path, error.damage, whole, sweep)
  }
}

async function readStrictly(
  file: OpenFile,
  { path, sweep, from, known, most }: JournalSource,
  take: TakeEvent,
): Promise<JournalRead> {
  let place = from
  // Whoever begins later knows the journal by its snapshot, and only chained ones have such.
  let head = { version: journalVersion, generation: known?.generation ?? 0 }
  const scanned = await scanLines(file, path, { from: from.bytes, most }, (buffer, start, stop) => {
    const line = decodeLine(buffer, start, stop)
    const number = place.lines + 1
    if (line.state !== 'good') throw new DamageFound({ line: number, what: flawOf(line) })
    if (number === 1) head = checkHead(line.entries, path, sweep)
    else if (head.version >= 2 && line.entries.after !== place.crc) {
      throw new DamageFound({ line: number, what: flawOfPlace(checksumAt(buffer, start), place.crc) })
    }
    const [begin, bytes] = [place.bytes, stop + 1 - start]
    place = { bytes: begin + bytes, lines: number, crc: checksumAt(buffer, start) }
    if (number > 1) take(line.entries as unknown as SweepEvent, begin, bytes)
    if (known !== null) mustFit(place, head.generation, known)
  })
  const { end, tail, more } = scanned
  if (more) return { ...head, place, torn: 0, more }
  if (known !== null) mustReach(place, head.generation, known)
  if (tail.length > 0) mustBeTorn(tail, place.lines + 1)
  return { ...head, place, torn: end - place.bytes, more }
}

function mustFit({ lines, bytes, crc }: JournalPlace, generation: number, known: KnownPlace): void {
  if (lines !== known.place.lines || generation !== known.generation) return
  if (crc === known.place.crc && bytes === known.place.bytes) return
  throw new DamageFound({ line: lines, what: 'is another than the snapshot of the sweep knows' })
}

function mustReach({ lines }: JournalPlace, generation: number, known: KnownPlace): void {
  if (lines > 0 && generation > known.generation) return
  if (lines > 0 && generation < known.generation) {
    const what = `begins an older copy of the journal (its generation is ${generation}, the snapshot of the sweep knows ${known.generation})`
    throw new DamageFound({ line: 1, what })
  }
  if (lines >= known.place.lines) return
  const what = `is missing: the journal has ${lines} whole lines, but had ${known.place.lines} when the snapshot of the sweep was taken`
  throw new DamageFound({ line: lines + 1, what })
}

const beginning = '{"crc":"'

/** @throws DamageFound unless these last bytes, without a line end, are what a crash leaves. */
function mustBeTorn(tail: Buffer, line: number): void {
  let length = tail.length
  while (length > 0 && tail[length - 1] === 0) length--
  if (length === 0) return
  const text = tail.toString('utf8', 0, length)
  const begins =
    text.startsWith(beginning.slice(0, text.length)) && !text.includes('\0') && !isObject(text.slice(0, -1))
  const flaw = begins && isObject(text) ? decodeLine(tail, 0, length) : null
  if (begins && (flaw === null || flaw.state === 'good')) return
  const what =
    flaw === null || flaw.state === 'good'
      ? 'is neither a record nor the beginning of one that a crash cut off'
      : flawOf(flaw)
  throw new DamageFound({ line, what })
}

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

function flawOf(line: Exclude<ReturnType<typeof decodeLine>, { state: 'good' }>): string {
  return line.state === 'changed'
    ? `was changed after it was written (its checksum says ${line.recorded}, its text ${line.found})`
    : 'is not a record'
}

function flawOfPlace(own: string, before: string): string {
  return own === before
    ? 'is the line before once more'
    : 'does not follow the line before: a line between them is missing, or one was moved'
}

/** What can be read of a journal that is damaged, and all that is wrong with it. */
export interface WholeLines {
  readonly lines: number
  readonly wholeLines: number
  readonly damage: readonly LineDamage[]
  /** Of the lines that are whole in themselves, in the order in which they were written as far as they tell it. */
  readonly events: readonly SweepEvent[]
  /** Bytes of half a record at the end. */
  readonly torn: number
  readonly generation: number
}

export async function readWhatIsWhole(
  file: OpenFile,
  path: string,
  sweep: string,
  known: KnownPlace | null = null,
): Promise<WholeLines> {
  const damage: LineDamage[] = []
  const whole: ChainedLine[] = []
  let head = { version: journalVersion, generation: 0 }
  let lines = 0
  let bytes = 0
  /** The checksum of the line before; null where it cannot be read. */
  let before: string | null = null
  const collecting = (act: () => void) => {
    try {
      act()
    } catch (error) {
      if (!(error instanceof DamageFound)) throw error
      damage.push(error.damage)
    }
  }
  const { end, tail } = await scanLines(file, path, { from: 0 }, (buffer, start, stop) => {
    const line = decodeLine(buffer, start, stop)
    lines++
    bytes += stop + 1 - start
    if (line.state !== 'good') {
      damage.push({ line: lines, what: flawOf(line) })
      before = line.state === 'changed' ? line.recorded : null
      return
    }
    const crc = checksumAt(buffer, start)
    if (lines === 1) {
      collecting(() => {
        head = checkHead(line.entries, path, sweep)
      })
    } else if (head.version >= 2 && before !== null && line.entries.after !== before) {
      damage.push({ line: lines, what: flawOfPlace(crc, before) })
    }
    const { after } = line.entries
    whole.push({ crc, after: typeof after === 'string' ? after : null, entries: line.entries })
    before = crc
  })
  const place = { bytes, lines, crc: before ?? '' }
  if (known !== null) collecting(() => mustReach(place, head.generation, known))
  if (tail.length > 0) collecting(() => mustBeTorn(tail, lines + 1))
  const ordered = head.version >= 2 ? inChain(whole) : whole
  const events = ordered.map(({ entries }) => entries as unknown as SweepEvent | JournalHead)
  return {
    lines,
    wholeLines: whole.length,
    damage,
    events: events.filter((event): event is SweepEvent => event.event !== 'journal'),
    torn: end - bytes,
    generation: head.generation,
  }
}

interface ChainedLine {
  readonly crc: string
  readonly after: string | null
  readonly entries: { [key: string]: unknown }
}

/** Lines as one follows the other, each once; where the chain is broken, it goes on with the next in the file. */
function inChain(lines: readonly ChainedLine[]): ChainedLine[] {
  const following = new Map<string, ChainedLine>()
  for (const line of lines) if (line.after !== null) following.set(line.after, line)
  const taken = new Set<string>()
  const ordered: ChainedLine[] = []
  for (const first of lines) {
    for (let line: ChainedLine | undefined = first; line !== undefined; line = following.get(line.crc)) {
      const mark = `${line.after} ${line.crc}`
      if (taken.has(mark)) break
      taken.add(mark)
      ordered.push(line)
    }
  }
  return ordered
}

const chunkBytes = 1 << 20

/**
 * Gives each line that has a line end to `take`, as bytes[start … end) of a buffer that is used again.
 * @returns the bytes read from the file's beginning, and those after the last line end; or that there are more, after `most`.
 */
async function scanLines(
  file: OpenFile,
  path: string,
  { from, most = Number.POSITIVE_INFINITY }: { readonly from: number; readonly most?: number },
  take: (buffer: Buffer, start: number, end: number) => void,
): Promise<{ end: number; tail: Buffer; more: boolean }> {
  const { size } = await file.stat()
  let buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(size - from, 0) + 4096))
  let filled = 0
  let position = from
  for (;;) {
    let got: number
    try {
      got = await file.read(buffer.subarray(filled), position)
    } catch (error) {
      throw readFailed(path, error)
    }
    const wasFull = got === buffer.length - filled
    position += got
    filled += got
    let start = 0
    for (let end = newlineIn(buffer, 0, filled); end >= 0; end = newlineIn(buffer, start, filled)) {
      take(buffer, start, end)
      start = end + 1
    }
    if (!wasFull) return { end: position, tail: buffer.subarray(start, filled), more: false }
    if (start > 0 && position - from >= most)
      return { end: position, tail: buffer.subarray(start, filled), more: true }
    if (start === 0) {
      const larger = Buffer.allocUnsafe(buffer.length * 2)
      buffer.copy(larger, 0, 0, filled)
      buffer = larger
    } else {
      buffer.copy(buffer, 0, start, filled)
      filled -= start
    }
  }
}

/** A journal's head; null where it is not whole. */
export async function readHead(
  file: OpenFile,
  path: string,
  sweep: string,
): Promise<{ version: number; generation: number } | null> {
  const bytes = Buffer.alloc(256)
  const end = newlineIn(bytes, 0, await file.read(bytes, 0))
  const line = end < 0 ? null : decodeLine(bytes, 0, end)
  if (line?.state !== 'good') return null
  try {
    return checkHead(line.entries, path, sweep)
  } catch (error) {
    if (error instanceof DamageFound) return null
    throw error
  }
}

function newlineIn(buffer: Buffer, from: number, to: number): number {
  const at = buffer.indexOf(10, from)
  return at < to ? at : -1
}

const checksumAt = (buffer: Buffer, start: number) => checksumIn(buffer.subarray(start, start + 24))

function checkHead(
  entries: { [key: string]: unknown },
  path: string,
  sweep: string,
): { version: number; generation: number } {
  const { event, version, generation } = entries
  if (event !== 'journal' || typeof generation !== 'number') {
    throw new DamageFound({ line: 1, what: 'is not the head of a journal' })
  }
  if (entries.sweep !== sweep) {
    throw new DamageFound({ line: 1, what: `belongs to the sweep ${String(entries.sweep)}` })
  }
  if (typeof version !== 'number' || version > journalVersion) {
    throw new EspalierError(
      'STORE_VERSION',
      `${path} was written by a newer version of Espalier (journal version ${String(version)}, this program knows ${journalVersion}). Update Espalier.`,
    )
  }
  return { version, generation }
}
