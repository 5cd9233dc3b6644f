/** What every bench prints: the machine it ran on, and its figures as a table. */
import { availableParallelism, cpus, totalmem } from 'node:os'

/** One line: processor, cores, memory, Node. */
export function machine(): string {
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `${model}, ${availableParallelism()} cores available, ${gibibytes} GiB, Node ${process.version}, ${process.platform} ${process.arch}`
}

/** A table with right-aligned columns; the first row is the header. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map(String))
  const widths = texts[0].map((_, column) => Math.max(...texts.map((row) => row[column].length)))
  const line = (row: string[]) => row.map((cell, column) => cell.padStart(widths[column])).join('  ')
  return [
    line(texts[0]),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...texts.slice(1).map(line),
  ].join('\n')
}

/** Three significant digits. */
export function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en')
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
