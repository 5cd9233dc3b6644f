/** What an export of a model takes and gives. */
import type { Row } from '../../data/index.js'
import type { ModelFile } from '../model-file/types.js'

export const modelFormats = ['onnx', 'mlflow', 'json', 'python'] as const
export type ModelFormat = (typeof modelFormats)[number]

/** What may be said of a format. */
export interface ExportOptions {
  /** Of ONNX: the version of its operators (ai.onnx): 16 to 23, 18 unless stated. */
  readonly opset?: number
  /** A few rows as people write them: kept beside the model where the format has a place for an example (mlflow). */
  readonly sampleInput?: readonly Row[] | null
}

/** A model as files of another tool, by their paths relative to where it is written: one, or a folder's. */
export interface ExportedModel {
  readonly format: ModelFormat
  readonly files: ReadonlyMap<string, Uint8Array | string>
  /** Whether it is a folder; else it has one file. */
  readonly isFolder: boolean
  /** What is lost, or computed otherwise, in plain words. */
  readonly warnings: readonly string[]
}

/** Writes a model of a format; each format is a file of its own. */
export type ModelExporter = (model: ModelFile, options: ExportOptions) => Promise<ExportedModel>
