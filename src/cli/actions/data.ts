/** `data show FILE`: what a data file holds, and what was found out about it and why. */
import { basename } from 'node:path'
import type { ColumnKind, DataInspection, InspectedColumn, InspectionOptions } from '../../data/index.js'
import * as format from '../format.js'
import { type CellsTyped, cellsStated } from '../options.js'
import { plain, print, printJson } from '../output.js'
import { pairs, table } from '../table.js'

export interface ShowDataOptions
  extends Omit<InspectionOptions, 'types' | 'units' | 'trueValues' | 'falseValues' | 'task'>,
    CellsTyped {
  readonly type?: Readonly<Record<string, ColumnKind>>
  readonly json?: boolean
}

export async function showData(files: readonly string[], options: ShowDataOptions): Promise<void> {
  const { json, type: types, ...rest } = options
  const { inspectData, leakWarnings } = await import('../../data/index.js')
  const found = await inspectData(files, { ...cellsStated(rest), types })
  if (json) return printJson(found)
  await printColumns(found)
  const { target } = found
  if (target !== null) print(`\n${plain(target.name)}: ${targetText(target, found.rows)}`)
  const told = [
    ...(found.duplicates > 0 ? [`${format.count(found.duplicates, 'row')} equal to one before`] : []),
    ...found.columns
      .filter(({ looksLikeId }) => looksLikeId)
      .map(({ name }) => `column "${name}" names rows, or counts them: another value in each`),
    ...found.warnings,
    ...leakWarnings(found.leaks, target?.name ?? '', basename(files[0])),
  ]
  if (told.length > 0) print(`\nto look at\n${told.map((line) => `  ${plain(line)}`).join('\n')}`)
}

/** How the files are written, and what each column is taken for. */
export async function printColumns(found: DataInspection): Promise<void> {
  const { findingSentence } = await import('../../data/index.js')
  const names = found.files.map(({ file }) => plain(basename(file))).join(', ')
  print(`${names}: ${format.count(found.rows, 'row')}, ${format.count(found.columns.length, 'column')}`)
  for (const { file, findings } of found.files) {
    const name = found.files.length === 1 ? '' : `${basename(file)}: `
    for (const finding of findings) print(`  ${plain(name + findingSentence(finding))}`)
  }
  print(`\n${columnTable(found)}`)
}

function columnTable({ columns, rows, target }: DataInspection): string {
  return table(
    [
      { title: 'column', whole: true },
      { title: 'kind', whole: true },
      { title: 'missing', align: 'right' },
      { title: 'distinct', align: 'right' },
      { title: 'range', spare: 2 },
      { title: 'examples', spare: 3 },
      { title: 'why', spare: 1 },
    ],
    columns.map((column) => [
      plain(column.name) +
        (column.name === target?.name ? ' (target)' : column.isNameless ? ' (nameless)' : ''),
      column.kind,
      column.missing === 0
        ? ''
        : `${column.missing} (${Number(((100 * column.missing) / rows).toPrecision(2))} %)`,
      String(column.distinct),
      rangeText(column),
      plain(column.examples.join(', ')),
      plain(column.why),
    ]),
  )
}

function rangeText({ range, kind, examples }: InspectedColumn): string {
  if (range === null || kind === 'boolean' || examples.length === 0) return ''
  const show = (value: number) =>
    kind === 'date'
      ? new Date(Math.round(value * 86_400_000)).toISOString().slice(0, 10)
      : format.number(value)
  return `${show(range.least)} … ${show(range.most)}`
}

/** Classes of which more are not shown. */
const mostShown = 12

function targetText({ task, classes }: NonNullable<DataInspection['target']>, rows: number): string {
  if (classes === null) return `numbers, for ${task}`
  const sorted = [...classes].sort((a, b) => b.rows - a.rows)
  const lines = sorted
    .slice(0, mostShown)
    .map(({ name, rows: of }): [string, string] => [
      plain(name),
      `${of} (${Number(((100 * of) / rows).toPrecision(3))} %)`,
    ])
  const more = classes.length > mostShown ? `\n  and ${classes.length - mostShown} more` : ''
  return `${format.count(classes.length, 'class', 'classes')}, for ${task}\n${pairs(lines)}${more}`
}
