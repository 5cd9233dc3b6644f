/**
 * Where words go: results to stdout, everything else to stderr. A reader that went away (`| head`) is no error.
 */
import { plain, plainLines, reasonLine, reasonLines } from '../shown.js'

export { plain, plainLines, reasonLine, reasonLines }

/** How results leave: looked up at each write, until `reserveStdout` fixes it. */
let writeResult: NodeJS.WriteStream['write'] = (...args: unknown[]) =>
  Reflect.apply(process.stdout.write, process.stdout, args)

/**
 * From now on stdout is for results alone: what else is written there (a trainer module's console.log) goes to
 * stderr, so that a document of `--json` stays one.
 */
export function reserveStdout(): void {
  writeResult = process.stdout.write.bind(process.stdout)
  process.stdout.write = process.stderr.write.bind(process.stderr)
}

/** One line, or several, of the result. */
export function print(text: string): void {
  printExactly(`${text}\n`)
}

/** The same without a line end of its own. */
export function printExactly(text: string): void {
  if (!process.stdout.destroyed) writeResult(text)
}

/** The same, resolved when the reader has kept up: for answers without end. False when the reader has gone. */
export async function printInStep(text: string): Promise<boolean> {
  if (process.stdout.destroyed) return false
  await new Promise<void>((resolve) => writeResult(text, () => resolve()))
  return !process.stdout.destroyed
}

/** The one JSON document of `--json`. */
export function printJson(document: unknown): void {
  print(JSON.stringify(document, null, 2))
}

/** Progress, warnings, errors. */
export function say(text: string): void {
  if (!process.stderr.destroyed) process.stderr.write(`${text}\n`)
}

/** Rows for other programs: exactly as they are, but on a terminal, which they could write to as they like. */
export function printRows(text: string): void {
  printExactly(process.stdout.isTTY === true ? plainLines(text) : text)
}

/** Whether this stream is a terminal that can move its cursor. */
export function isTerminal(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb'
}

/**
 * Whether words are wanted in place of pictures and of lines that are drawn again: by whoever has them read out
 * (ESPALIER_PROGRESS=lines), and where a terminal can do no more.
 */
export function wantsWords(): boolean {
  return process.env.ESPALIER_PROGRESS === 'lines' || process.env.TERM === 'dumb'
}

/** Colours only on a terminal, and not where NO_COLOR forbids them (https://no-color.org). */
export function wantsColour(stream: NodeJS.WriteStream): boolean {
  return isTerminal(stream) && !process.env.NO_COLOR
}

/**
 * A pipe whose reader has gone makes every later write an EPIPE error. What is being worked on goes on (a sweep
 * is worth more than its display); the words are dropped.
 */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}

/** Resolves when everything written so far has left the process, so that it may be ended. */
export async function drain(): Promise<void> {
  const stdoutLeft = new Promise<void>((resolve) => {
    if (process.stdout.destroyed) resolve()
    else writeResult('', () => resolve())
  })
  const stderrLeft = new Promise<void>((resolve) => {
    if (process.stderr.destroyed) resolve()
    else process.stderr.write('', () => resolve())
  })
  await Promise.all([stdoutLeft, stderrLeft])
}
