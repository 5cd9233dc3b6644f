/** The thread of the model: it reads bodies, predicts, writes answers, so that the server is never held up by any of it. */
import { parentPort, workerData } from 'node:worker_threads'
import { type PredictionInput, tableFromBytes, tableFromRows } from '../../data/index.js'
import { describeError, isEspalierError } from '../../errors.js'
import { openModel } from '../../launch/index.js'
import { openStore } from '../../tracking/index.js'
import type { LoadedModel } from '../../training/index.js'
import { checkCount, readBody } from './body.js'
import type { FromThread, Question, Reply, ThreadStart } from './messages.js'
import { Refusal } from './refusal.js'

const port = parentPort!
const { store, run, importModule, module, mostRows } = workerData as ThreadStart

function say(message: FromThread): void {
  port.postMessage(message, message.kind === 'reply' ? [message.body.buffer as ArrayBuffer] : [])
}

/** Bytes that can be handed over: of their own, which those of small Buffers are not. */
function bytesOf(document: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document))
}

async function inputOf(
  { format, body }: Question,
  { signature }: LoadedModel,
  columns: readonly string[],
): Promise<PredictionInput & { readonly probabilities: boolean }> {
  if (format === 'json') {
    const { rows, probabilities } = readBody(body, columns, mostRows)
    return { ...tableFromRows(rows, signature), probabilities }
  }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const input = await tableFromBytes(bytes, format, 'the body', signature)
  checkCount(input.table.rows, mostRows)
  return { ...input, probabilities: false }
}

async function answerTo(question: Question, model: LoadedModel, columns: readonly string[]): Promise<Reply> {
  const input = await inputOf(question, model, columns)
  if (input.probabilities && model.predictProbabilityTable === undefined)
    throw new Refusal(400, 'this model has no probabilities; leave "params.probabilities" out')
  const predictions = input.probabilities ? model.predictProbabilityTable!(input) : model.predictTable(input)
  return { status: 200, body: bytesOf({ predictions }), warnings: input.warnings }
}

/** What is wrong with the rows is the client's; whatever else, the model's. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const isRequest = isEspalierError(error) && error.code === 'DATA_INVALID'
  const { problems } = isEspalierError(error) ? error : { problems: [] }
  return new Refusal(isRequest ? 400 : 500, describeError(error).message, { problems })
}

async function reply(question: Question, model: LoadedModel, columns: readonly string[]): Promise<Reply> {
  try {
    return await answerTo(question, model, columns)
  } catch (error) {
    const { status, document } = refusalOf(error)
    return { status, body: bytesOf(document), warnings: [] }
  }
}

try {
  const opened = await openStore(store, { onWarning: () => {} })
  const model = await openModel(opened, run, { importModule, module })
  const columns = model.signature.columns.map(({ name }) => name)
  let turn: Promise<void> = Promise.resolve()
  port.on('message', (question: Question) => {
    turn = turn.then(async () => say({ kind: 'reply', ...(await reply(question, model, columns)) }))
  })
  const { task } = model.signature
  const hasProbabilities = model.predictProbabilityTable !== undefined
  say({ kind: 'ready', facts: { task, columns, hasProbabilities } })
} catch (error) {
  const { code, message, problems } = isEspalierError(error)
    ? error
    : { code: 'MODEL_INVALID' as const, message: describeError(error).message, problems: [] }
  say({ kind: 'failed', code, message, problems })
}
