/** From and to other tools. What is heavy is loaded where it is used. */
export {
  type ExportedModel,
  type ExportOptions,
  exportModel,
  exportModelFile,
  type ModelFormat,
  modelFormats,
} from './export/index.js'
