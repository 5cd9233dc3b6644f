/**
 * A model as its own file, in one fixed form: keys in order, no blanks, so that equal models are equal bytes. docs/model-format.md says what is in
 * it, docs/model.schema.json is its JSON Schema, and loadModel reads it.
 */
import { canonicalJson, type JsonObject } from '../../values.js'
import type { ModelExporter } from '../export/types.js'

/** What the `$schema` of a model says: the `$id` of docs/model.schema.json. It changes with the version of the format. */
export const modelSchemaId = 'urn:espalier:model:1'

export const exportJson: ModelExporter = async ({ json }) => ({
  format: 'json',
  files: new Map([['model.json', `${canonicalJson({ ...(json as JsonObject), $schema: modelSchemaId })}\n`]]),
  isFolder: false,
  warnings: [],
})
