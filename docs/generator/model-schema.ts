/** Writes docs/model.schema.json, the JSON Schema of model files. */
import { writeFileSync } from 'node:fs'
import { modelSchema } from '../../src/exchange/model-json/schema.js'

writeFileSync(new URL('../model.schema.json', import.meta.url), `${JSON.stringify(modelSchema(), null, 2)}\n`)
