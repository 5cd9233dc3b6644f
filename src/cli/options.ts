/**
 * Options as people type them: each parser turns the text into a value or says what it must be. Commander puts
 * the option's name in front of the message and ends with exit code 2.
 */
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AskedDevices } from '../execution/index.js'
import { encodings, separatorPattern, thousandsMarks } from '../values.js'

/** A whole number from `min` to `max`, both inclusive. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = `It must be a whole number from ${min} to ${max}.`
  const least = `It must be a whole number, ${min} or more.`
  return (text) => {
    const number = Number(text)
    if (!/^[+-]?\d+$/.test(text) || number < min || number > max) {
      // The largest number that is exact is named only where it is what stands in the way.
      throw new InvalidArgumentError(max === Number.MAX_SAFE_INTEGER && !(number > max) ? least : range)
    }
    return number
  }
}

/** Any finite number. */
export function finiteNumber(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('It must be a number.')
  return number
}

/** A share from 0 (none) to less than 1. */
export function share(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !(number >= 0 && number < 1)) {
    throw new InvalidArgumentError(
      'It must be a share of the rows, from 0 (none) to less than 1: 0.2 is a fifth.',
    )
  }
  return number
}

const millisecondsOf: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A length of time, `30s`, `500ms`, `1h30m`, or a plain number of seconds. In milliseconds. */
export function duration(text: string): number {
  const law =
    'It must be a length of time above zero, such as 30s, 10m, 1h30m, 500ms, or a number of seconds.'
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  const whole = parts.map((part) => part[0]).join('') === text && text !== ''
  const milliseconds = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : whole
      ? parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * millisecondsOf[unit], 0)
      : Number.NaN
  if (!Number.isFinite(milliseconds) || milliseconds <= 0) throw new InvalidArgumentError(law)
  return milliseconds
}

/** How long ago, as `duration`, and in days and weeks: `30d`, `6w`. In milliseconds. */
export function age(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([dw])$/.exec(text) ?? []
  if (amount === undefined) return Math.round(duration(text))
  return Math.round(Number(amount) * (unit === 'w' ? 7 : 1) * 86_400_000)
}

/** A path as typed, made absolute: relative names on the command line are relative to where it is typed. */
export function path(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must be a path.')
  return resolve(text)
}

/** A path that can be stated several times: all of them, in order. */
export function paths(text: string, before: readonly string[] = []): string[] {
  return [...before, path(text)]
}

/** One mark between cells, or its name: `tab` is hard to type. */
export function separator(text: string): string {
  const named: Readonly<Record<string, string>> = {
    comma: ',',
    semicolon: ';',
    tab: '\t',
    '\\t': '\t',
    pipe: '|',
    space: ' ',
  }
  const mark = named[text] ?? text
  if (separatorPattern.test(mark)) return mark
  throw new InvalidArgumentError('It must be one mark, or comma, semicolon, tab, pipe or space.')
}

/** How a data file is written: what is not stated is found out. */
export function readingOptions(command: Command): Command {
  return command
    .option('--separator <mark>', 'what is between cells: ";", tab, … (default: found out)', separator)
    .addOption(
      new Option('--decimal <mark>', 'the mark before decimals (default: found out)').choices(['.', ',']),
    )
    .addOption(new Option('--encoding <name>', 'of text files (default: found out)').choices(encodings))
}

/** Where the header and the rows of a data file are. */
export function rowsOptions(command: Command): Command {
  return (
    command
      .option('--skip-lines <lines>', 'lines that are no part of the table: 1,2 (default: none)', lineNumbers)
      // Before the other one, which would else be true where nothing is stated.
      .option('--header [names]', 'the names of the columns of a CSV or TSV file that has none: a,b,c', names)
      .option('--no-header', 'such a file whose columns are called "column 1", "column 2" …')
  )
}

/** How the cells of a data file are written. */
export function cellOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--thousands <mark>', 'the mark between thousands (default: none)').choices(thousandsMarks),
    )
    .option('--unit <text>', 'a text beside numbers that is taken off: %; can be repeated', texts)
    .option(
      '--date-format <format>',
      'how dates are written, beside ISO 8601: DD.MM.YYYY; of one column: start=DD.MM.YYYY, can be repeated',
      dateFormats,
    )
    .option('--missing <text>', 'a text that counts as missing; can be repeated', texts)
    .option('--true-value <text>', 'a word for true; can be repeated', texts)
    .option('--false-value <text>', 'a word for false; can be repeated', texts)
}

/** What the options of `cellOptions` are called in `data`. */
export function cellsStated<T extends CellsTyped>({ unit, trueValue, falseValue, ...rest }: T) {
  return { ...rest, units: unit, trueValues: trueValue, falseValues: falseValue }
}

export interface CellsTyped {
  readonly unit?: readonly string[]
  readonly trueValue?: readonly string[]
  readonly falseValue?: readonly string[]
}

type DateFormats = string | Record<string, string>

/** A format of all columns, or of one: `start=DD.MM.YYYY`. */
function dateFormats(given: string, before?: DateFormats): DateFormats {
  const at = given.lastIndexOf('=')
  if (at < 1 && before === undefined) return text(given)
  if (at < 1 || typeof before === 'string')
    throw new InvalidArgumentError('It must be one format, or COLUMN=FORMAT for each column that is named.')
  return { ...before, [given.slice(0, at)]: text(given.slice(at + 1)) }
}

/** Names of columns, with commas. */
function names(given: string): string[] {
  const list = given.split(',').map((name) => name.trim())
  if (!list.includes('')) return list
  throw new InvalidArgumentError('It must be the names of all columns, with commas: a,b,c.')
}

/** Numbers of lines, with commas. */
function lineNumbers(text: string): number[] {
  const lines = text.split(',').map((line) => Number(line.trim() || Number.NaN))
  if (lines.every((line) => Number.isSafeInteger(line) && line > 0)) return lines
  throw new InvalidArgumentError('It must be numbers of lines from 1 on, with commas: 1,2.')
}

/** Texts of an option that can be stated several times. */
export function texts(given: string, before: readonly string[] = []): string[] {
  return [...before, text(given)]
}

/** Kinds of columns, `zip=text`, of an option that can be stated several times. */
export function kinds(given: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = given.lastIndexOf('=')
  const kind = given.slice(at + 1)
  if (at < 1 || !['number', 'text', 'boolean', 'date'].includes(kind))
    throw new InvalidArgumentError('It must be COLUMN=KIND, of the kinds number, text, boolean and date.')
  return { ...before, [given.slice(0, at)]: kind }
}

/** Text that is not empty. */
export function text(given: string): string {
  if (given.trim() === '') throw new InvalidArgumentError('It must not be empty.')
  return given
}

/**
 * `--devices` and `--devices-per-fit` of every command that runs fits.
 * @param usual which devices there are where nobody says.
 * @param each how many a fit holds where nobody says.
 */
export function deviceOptions(
  command: Command,
  usual = 'auto where a fit needs any',
  each = "the file's, or 1",
): Command {
  return command
    .option(
      '--devices <which>',
      `GPUs that fits may use: auto, none, or numbers or UUIDs: 0,1,2 (default: ${usual})`,
      devices,
    )
    .option(
      '--devices-per-fit <n>',
      `GPUs a fit holds while it runs, or a share of one: 2, 0.5 (default: ${each})`,
      devicesPerFit,
    )
}

function devices(given: string): AskedDevices {
  if (given === 'auto' || given === 'none') return given
  const list = given.split(',').map((one) => one.trim())
  if (!list.includes('')) return list
  throw new InvalidArgumentError('It must be auto, none, or numbers or UUIDs of devices, with commas: 0,1,2.')
}

function devicesPerFit(given: string): number {
  const number = Number(given)
  if (given.trim() !== '' && number > 0 && (number < 1 || Number.isSafeInteger(number))) return number
  throw new InvalidArgumentError('It must be a whole number of devices from 1 on, or a share of one: 0.5.')
}

/** `--store DIR` of every command that reads or writes records. */
export function storeOption(): Option {
  return new Option(
    '--store <dir>',
    'where the records are (default: $ESPALIER_STORE, or ./espalier-runs)',
  ).argParser(path)
}

/** The directory meant by `--store`, the environment, or neither. Absolute. */
export function storeDirectory(option: string | undefined): string {
  return option ?? resolve(process.env.ESPALIER_STORE || './espalier-runs')
}

export function jsonOption(what: string): Option {
  return new Option('--json', `print ${what} as one JSON document`)
}

export function directionOption(): Option {
  return new Option('--direction <direction>', 'whether less or more of the metric is better').choices([
    'minimize',
    'maximize',
  ])
}

/** Where the files of a sweep on record are, and whether its code may be run. */
export function againOptions(command: Command): Command {
  return command
    .option(
      '--data <file>',
      'where the data file is now, which must be the recorded one; of several, each in its order',
      paths,
    )
    .option('--test-file <file>', 'where the test file is now', path)
    .option('--trainer <file>', 'where the trainer module is now', path)
    .option('--directory <dir>', 'the folder in which the program runs now', path)
    .option(
      '--trust-module',
      'run the module or program that the record names, though the sweep was not started on this machine',
    )
}

/** Where fits are done, if not on this machine; and that they are done here, whatever the environment says. */
export function queueOptions(command: Command): Command {
  return command
    .option(
      '--queue <address>',
      'fits are done by the workers of a queue: redis://HOST:6379, rediss://…, postgres://HOST/DATABASE (default: $ESPALIER_QUEUE)',
      text,
    )
    .option('--no-queue', 'fits are done here, whatever the environment says')
}

export interface QueueTyped {
  /** false: none, whatever the environment says. */
  readonly queue?: string | false
}

/** What is taken for a URL may be the file that comes next: an option without its value ends before another one. */
export function serverUrl(given: string): string {
  if (/^[^:]*\.(jsonc?|ya?ml)$/i.test(given))
    throw new InvalidArgumentError(
      'It takes what comes next for its URL, and that is a sweep file: name the file first.',
    )
  return text(given)
}

/** Whether a sweep is sent to an MLflow server while it runs. */
export function mlflowOptions(command: Command): Command {
  return command
    .option(
      '--mlflow [url]',
      'send it to an MLflow server as it goes: http://HOST:5000 (without URL: $MLFLOW_TRACKING_URI)',
      serverUrl,
    )
    .option('--no-mlflow', 'send it nowhere, also where it was begun with --mlflow')
}

export interface MlflowTyped {
  /** true: the server that the environment names; false: none, also where it was begun so. */
  readonly mlflow?: string | boolean
}

/** `--queue` of commands that are about one. */
export function queueAddress(command: Command): Command {
  return command.option(
    '--queue <address>',
    'the queue: redis://HOST:6379, rediss://…, postgres://HOST/DATABASE (default: $ESPALIER_QUEUE)',
    text,
  )
}
