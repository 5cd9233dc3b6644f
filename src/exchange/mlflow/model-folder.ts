/**
 * A model as a folder in MLflow's own layout: what `mlflow.pyfunc.load_model` and `mlflow models serve` take. The model itself is the one
 * file of Python (exchange/python) beside a small loader; where ONNX holds it, that is beside it as a flavor of its own.
 */
import { createHash } from 'node:crypto'
import type { Row, Signature, SignatureColumn } from '../../data/index.js'
import { isEspalierError } from '../../errors.js'
import { canonicalJson } from '../../values.js'
import type { ExportedModel, ExportOptions, ModelExporter } from '../export/types.js'
import type { ModelFile } from '../model-file/types.js'
import { loaderModule, loaderSource } from './loader.js'

/** Where a folder belongs on a server; nothing of it where the folder is for itself. */
export interface LoggedAs {
  readonly modelId: string
  readonly runId: string
  /** ISO 8601. */
  readonly createdAt: string
}

export const exportMlflowModel: ModelExporter = (model, options) => modelFolder(model, options)

/** The version of MLflow whose layout it is; any from 2.20 on reads it. */
const layoutVersion = '3.17.0'
/** Of the library whose operators are written. */
const onnxVersion = '1.16.0'
const requirement = 'mlflow>=2.20'
/** The Python that an environment of its own is made with; the model needs 3.8. */
const pythonVersion = '3.11'

/** The folder: the same bytes for the same model, but for what is said of where it is logged. */
export async function modelFolder(
  model: ModelFile,
  options: ExportOptions,
  logged: LoggedAs | null = null,
): Promise<ExportedModel> {
  const { signature } = model
  const { exportPython } = await import('../python/index.js')
  const python = await exportPython(model, options)
  const [source] = python.files.values()
  const onnx = await onnxOf(model, options)
  const example = exampleOf(signature, options.sampleInput ?? null)
  const has = {
    hasOnnx: onnx.bytes !== null,
    hasExample: example !== null,
    hasProbabilities: /^def predict_proba\(/m.test(String(source)),
  }
  const { stringify } = await import('yaml')
  const files = new Map<string, Uint8Array | string>([
    ['MLmodel', stringify(modelDocument(model, has, logged), { lineWidth: 0 })],
    ['model.py', source],
    [`code/${loaderModule}.py`, loaderSource],
    ['requirements.txt', `${requirement}\n`],
    [
      'python_env.yaml',
      stringify({
        python: pythonVersion,
        build_dependencies: ['pip', 'setuptools', 'wheel'],
        dependencies: ['-r requirements.txt'],
      }),
    ],
    [
      'conda.yaml',
      stringify({
        name: 'mlflow-env',
        channels: ['conda-forge'],
        dependencies: [`python=${pythonVersion}`, 'pip', { pip: [requirement] }],
      }),
    ],
  ])
  if (example !== null) {
    files.set('input_example.json', JSON.stringify(example))
    files.set('serving_input_example.json', `${JSON.stringify({ dataframe_split: example }, null, 2)}\n`)
  }
  if (onnx.bytes !== null) files.set('model.onnx', onnx.bytes)
  return {
    format: 'mlflow',
    files,
    isFolder: true,
    warnings: [...python.warnings, ...onnx.warnings, ...typeWarnings(signature, options.sampleInput ?? null)],
  }
}

interface OnnxPart {
  readonly bytes: Uint8Array | string | null
  readonly warnings: readonly string[]
}

/** The same model as ONNX; without bytes where that cannot hold it. */
async function onnxOf(model: ModelFile, options: ExportOptions): Promise<OnnxPart> {
  const { exportOnnx } = await import('../onnx/index.js')
  try {
    const { files, warnings } = await exportOnnx(model, options)
    const [bytes] = files.values()
    return { bytes, warnings: warnings.map((warning) => `the flavor onnx: ${warning}`) }
  } catch (error) {
    if (!isEspalierError(error) || error.code !== 'USAGE') throw error
    return { bytes: null, warnings: [`the folder has no flavor onnx: ${error.message}`] }
  }
}

function modelDocument(
  { json, signature, members, isEnsemble }: ModelFile,
  { hasOnnx, hasExample, hasProbabilities }: Record<'hasOnnx' | 'hasExample' | 'hasProbabilities', boolean>,
  logged: LoggedAs | null,
) {
  const trainers = [...new Set(members.map(({ model }) => model.trainer))].sort()
  return {
    flavors: {
      ...(hasOnnx && {
        onnx: {
          code: null,
          data: 'model.onnx',
          onnx_session_options: null,
          onnx_version: onnxVersion,
          providers: ['CPUExecutionProvider'],
        },
      }),
      python_function: {
        code: 'code',
        data: 'model.py',
        env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
        loader_module: loaderModule,
        python_version: pythonVersion,
        streamable: false,
      },
    },
    metadata: {
      espalier: { target: signature.target, task: signature.task, trainers, ensemble: isEnsemble },
    },
    mlflow_version: layoutVersion,
    ...(logged !== null && { model_id: logged.modelId }),
    model_uuid: createHash('sha256').update(canonicalJson(json)!).digest('hex').slice(0, 32),
    ...(logged !== null && { run_id: logged.runId }),
    ...(hasExample && {
      saved_input_example_info: {
        artifact_path: 'input_example.json',
        pandas_orient: 'split',
        serving_input_path: 'serving_input_example.json',
        type: 'dataframe',
      },
    }),
    signature: {
      inputs: JSON.stringify(
        signature.columns.map((column) => ({ type: typeOf(column), name: column.name, required: true })),
      ),
      outputs: JSON.stringify([{ type: signature.classes === null ? 'double' : 'string', required: true }]),
      params: hasProbabilities
        ? JSON.stringify([{ name: 'probabilities', default: false, shape: null, type: 'boolean' }])
        : null,
    },
    ...(logged !== null && { utc_time_created: logged.createdAt.replace('T', ' ').replace('Z', '') }),
  }
}

/**
 * MLflow's types. Dates go as texts, since a server would read others than those of the training data otherwise. Truth values go unchecked:
 * of MLflow's own type for them a server makes false of a missing one.
 */
function typeOf(column: SignatureColumn): 'double' | 'string' | 'any' {
  if (column.kind === 'text' || column.as === 'date') return 'string'
  return column.as === 'boolean' ? 'any' : 'double'
}

/** Rows as MLflow keeps a DataFrame. */
function exampleOf({ columns }: Signature, rows: readonly Row[] | null) {
  if (rows === null || rows.length === 0) return null
  const names = columns.map(({ name }) => name)
  return { columns: names, data: rows.map((row) => names.map((name) => row[name] ?? null)) }
}

/** What MLflow's check of signatures refuses that Espalier takes. */
function typeWarnings({ columns }: Signature, rows: readonly Row[] | null): string[] {
  const named = (wanted: (column: SignatureColumn) => boolean) =>
    columns.filter(wanted).map(({ name }) => JSON.stringify(name))
  const whole = named(
    ({ name, ...column }) =>
      typeOf({ name, ...column } as SignatureColumn) === 'double' &&
      rows !== null &&
      rows.length > 0 &&
      rows.every((row) => Number.isInteger(row[name])),
  )
  const dates = named((column) => column.kind === 'number' && column.as === 'date')
  const truths = named((column) => column.kind === 'number' && column.as === 'boolean')
  return [
    ...(whole.length === 0
      ? []
      : [
          `numbers are of MLflow's type double, and load_model(…).predict refuses columns of a DataFrame that are int64 (as ${shown(whole)} may be read): df.astype(float) of those; a server converts them itself`,
        ]),
    ...(dates.length === 0
      ? []
      : [
          `dates (${shown(dates)}) are of MLflow's type string: they are given as texts, written as in the training data, not as datetime64`,
        ]),
    ...(truths.length === 0
      ? []
      : [
          `truth values (${shown(truths)}) are of MLflow's type any, as its boolean would make false of a missing one; \`mlflow models serve\` takes JSON of this model, and no CSV`,
        ]),
  ]
}

function shown(names: readonly string[]): string {
  return `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
}
