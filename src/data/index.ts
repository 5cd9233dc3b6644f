/** From files to tables: formats, kinds and roles of columns, targets, signatures. */

export { hasManyClasses, mostOneHot } from './data-warnings.js'
export { type DatasetOptions, type LoadedDataset, type ReadingOptions, readDataset } from './dataset.js'
export { cellRules, missingMarks } from './files/cells.js'
export { type StatedDateFormat, statedFormatProblem } from './files/date-format.js'
export { findingSentence } from './files/findings.js'
export { formatOf, readCells } from './files/read.js'
export type { ColumnKind, FileFormat, FileReading } from './files/types.js'
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
