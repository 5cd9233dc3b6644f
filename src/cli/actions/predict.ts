/** `predict RUN --data FILE`: the file's rows with the model's answers beside them, as CSV. */

import { csvText } from '../../csv-cell.js'
import type { FileReading, PredictionFile } from '../../data/index.js'
import { EspalierError } from '../../errors.js'
import type { JsonScalar } from '../../values.js'
import * as format from '../format.js'
import { plain, printExactly, printJson, say } from '../output.js'
import type { Filters } from './best.js'
import { openStoreOf, writeOut } from './common.js'
import { findModelRun } from './meant.js'

export interface PredictOptions extends Filters, Partial<FileReading> {
  data: string
  out?: string
  /** The model is that of the sweep, not of its best trial. */
  ensemble?: boolean
  probabilities?: boolean
  trustModule?: boolean
  skipLines?: number[]
  header?: boolean | string[]
  /** The module that made the model, where it is named. */
  trainer?: string
  json?: boolean
}

const predictionColumn = 'prediction'
/** Where the data has what is predicted, and calls it as the answers are called. */
const besideTarget = 'predicted'

export async function predict(id: string, options: PredictOptions): Promise<void> {
  const store = await openStoreOf(options)
  const run = await findModelRun(store, id, options)
  const { openAnswers } = await import('../../launch/index.js')
  const model = await openAnswers(store, run.id, {
    importModule: options.trustModule,
    module: options.trainer,
  })
  const { readTable } = await import('../../data/index.js')
  const { separator, encoding, decimal, skipLines, header: columnNames } = options
  const layout = { skipLines, columnNames }
  const input = await readTable(options.data, model.signature, { separator, encoding, decimal }, layout)
  for (const warning of input.warnings) say(`warning: ${plain(warning)}`)
  for (const note of input.notes) say(plain(note))
  const { predictions, probabilities } = await model.answer(input, options.probabilities === true)
  if (options.probabilities && probabilities === null) {
    throw new EspalierError('USAGE', `the model of ${run.id} has no probabilities; leave out --probabilities`)
  }

  if (options.out !== undefined || !options.json) {
    const text = csvText(
      await withAnswers(input, options, model.signature.target, predictions, probabilities),
    )
    if (options.out === undefined) printExactly(text)
    else {
      await writeOut(options.out, text)
      say(
        `${format.count(predictions.length, 'row')} predicted by run ${run.id}, written to ${plain(options.out)}`,
      )
    }
  }
  if (options.json) printJson({ run: run.id, predictions, ...(probabilities ? { probabilities } : {}) })
}

/** The file's table with the answers as last columns; rows are only numbered where the file is no table of texts. */
async function withAnswers(
  { reading }: PredictionFile,
  { data, skipLines, header: columnNames }: PredictOptions,
  target: string,
  predictions: readonly (string | number)[],
  probabilities: readonly Readonly<Record<string, number>>[] | null,
): Promise<JsonScalar[][]> {
  const { readCells } = await import('../../data/index.js')
  const cells = await readCells(data, reading, { skipLines, columnNames })
  const known =
    cells?.length === predictions.length + 1 ? cells : [['row'], ...predictions.map((_, row) => [row])]
  const [header, ...rows] = known
  const classes = probabilities?.length ? Object.keys(probabilities[0]) : []
  const there = header.map((name) => String(name).trim())
  const isTarget = target === predictionColumn && there.includes(target)
  const answers = isTarget ? besideTarget : predictionColumn
  const added = [answers, ...classes.map((name) => `probability_${name}`)]
  const taken = there.find((name) => added.includes(name))
  if (taken !== undefined) {
    throw new EspalierError(
      'DATA_INVALID',
      `the answer has a column "${taken}", and the data has one already; rename it, or use --json`,
    )
  }
  if (isTarget)
    say(`the answers are in the column "${answers}": "${target}" is what the data has of what is predicted`)
  return [
    [...header, ...added],
    ...rows.map((row, i) => [...row, predictions[i], ...classes.map((name) => probabilities![i][name])]),
  ]
}
