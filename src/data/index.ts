/** From files to tables: formats, kinds and roles of columns, targets, signatures. */

export { hasManyClasses, mostOneHot } from './data-warnings.js'
export { type DatasetOptions, type LoadedDataset, type ReadingOptions, readDataset } from './dataset.js'
export { cellRules, isInfinite, missingMarks, parseNumber } from './files/cells.js'
export { type StatedDateFormat, statedFormatProblem } from './files/date-format.js'
export { findingNotes, findingSentence } from './files/findings.js'
export { formatOf, readCells, readTableFile } from './files/read.js'
export type {
  ColumnKind,
  FileColumn,
  FileFormat,
  FileReading,
  FileTable,
  ReadOptions,
} from './files/types.js'
export {
  type DataInspection,
  type InspectedColumn,
  type InspectionOptions,
  inspectData,
} from './inspect/inspect.js'
export { findLeaks, type Leak, leakWarnings } from './inspect/leaks.js'
export {
  type PredictionFile,
  type PredictionInput,
  readTable,
  tableFromBytes,
  tableFromRows,
} from './prediction-input.js'
export { rowsAsWritten, type Signature, type SignatureColumn, sampleInput, signatureOf } from './signature.js'
export { selectRows } from './tables.js'
export type * from './types.js'
