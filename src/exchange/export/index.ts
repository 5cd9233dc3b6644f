/** Models for other tools: `espalier export RUN --format …` and `exportModel`. A format's code is loaded where it is asked for. */
import type { RunWithModel } from '../../launch/index.js'
import type { JsonValue } from '../../values.js'
import { readModelFile } from '../model-file/read.js'
import type { ExportedModel, ExportOptions, ModelExporter, ModelFormat } from './types.js'

export { type ExportedModel, type ExportOptions, type ModelFormat, modelFormats } from './types.js'

const exporters: Readonly<Record<ModelFormat, () => Promise<ModelExporter>>> = {
  onnx: async () => (await import('../onnx/index.js')).exportOnnx,
  mlflow: async () => (await import('../mlflow/model-folder.js')).exportMlflowModel,
  json: async () => (await import('../model-json/index.js')).exportJson,
  python: async () => (await import('../python/index.js')).exportPython,
}

/**
 * The model of a model file's JSON (`model.json` of a run) for another tool.
 * @throws EspalierError MODEL_INVALID where it is none; USAGE where its trainer is none of those that ship with Espalier, or the format
 *   cannot hold it.
 */
export async function exportModelFile(
  json: JsonValue,
  format: ModelFormat,
  options: ExportOptions = {},
): Promise<ExportedModel> {
  const model = await readModelFile(json)
  return (await exporters[format]())(model, options)
}

/**
 * The kept model of a run for another tool: `exportModel(await store.bestRun(), 'onnx')`. What it gives are files, to be written where
 * they belong.
 * @throws EspalierError MODEL_MISSING where none was kept, and what exportModelFile throws.
 */
export async function exportModel(
  run: Pick<RunWithModel, 'readModel'>,
  format: ModelFormat,
  options: Omit<ExportOptions, 'sampleInput'> = {},
): Promise<ExportedModel> {
  const { json, sampleInput } = await run.readModel()
  return exportModelFile(json, format, { ...options, sampleInput })
}
