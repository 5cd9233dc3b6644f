/** Models in ONNX at more length: many seeds, real data, and Python's onnx and onnxruntime. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readDataset, rowsAsWritten, selectRows } from '../../src/data/index.js'
import { exportModelFile } from '../../src/exchange/export/index.js'
import { leastOpset, mostOpset } from '../../src/exchange/onnx/opsets.js'
import { loadModel } from '../../src/training/index.js'
import { blocksOf } from '../docs/blocks.js'
import { askedRows, expectSame, feedsOf, fittedFile, modelCases, randomData } from '../exchange/onnx/laws.js'
import type { Fed, Found } from '../exchange/onnx/run.js'
import { run } from '../exchange/onnx/run.js'
import { example, exampleData } from '../training/support.js'
import { askPython, pythonHas } from './oracle.js'

const { able, why } = pythonHas('onnx', 'onnxruntime')

/** Checks a model by onnx's own rules, and runs it. Doubles go to and fro as their bytes. */
const script = `
import base64, json, sys
import numpy as np, onnx, onnxruntime
from onnx.reference import ReferenceEvaluator
asked = json.load(sys.stdin)
model = onnx.load(asked["file"])
onnx.checker.check_model(model, full_check=True)
options = onnxruntime.SessionOptions()
options.log_severity_level = 3
session = onnxruntime.InferenceSession(asked["file"], options, providers=["CPUExecutionProvider"])
runs = ReferenceEvaluator(model) if asked["byReference"] else session
feeds = {}
for name, (kind, data, dims) in asked["feeds"].items():
    values = np.array(data, dtype=object) if kind == "string" else np.frombuffer(base64.b64decode(data), dtype=np.float64)
    feeds[name] = values.reshape(dims)
found = {}
for output, values in zip(session.get_outputs(), runs.run(None, feeds)):
    isText = output.type == "tensor(string)"
    found[output.name] = [output.type, values.tolist() if isText else base64.b64encode(np.ascontiguousarray(values).tobytes()).decode(), list(values.shape)]
print(json.dumps(found))
`

async function runInPython(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Fed>>,
  byReference = false,
): Promise<Found> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-onnx-'))
  try {
    const file = join(folder, 'model.onnx')
    writeFileSync(file, bytes)
    const sent = Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      [type, type === 'string' ? data : Buffer.from((data as Float64Array).buffer).toString('base64'), dims],
    ])
    const found = askPython<Record<string, [type: string, data: string | string[], dims: number[]]>>(script, {
      file,
      byReference,
      feeds: Object.fromEntries(sent),
    })
    return Object.fromEntries(
      Object.entries(found).map(([name, [type, data, dims]]) => {
        if (type === 'tensor(string)') return [name, { data: data as string[], dims }]
        expect(type).toBe('tensor(double)')
        const bytes = Uint8Array.from(Buffer.from(data as string, 'base64'))
        return [name, { data: new Float64Array(bytes.buffer), dims }]
      }),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const isClassifier = (trainer: string) => trainer.endsWith('classifier')

describe.skipIf(!able)(`models in ONNX pass onnx's full check and answer the same in Python${why}`, () => {
  it.each(modelCases)('$trainer $params', async ({ trainer, params, within, isExtreme }) => {
    const classes = isClassifier(trainer) ? 4 : 0
    const file = await fittedFile(trainer, randomData(61, 150, classes), params)
    await expectSame(file, askedRows(61, 300, isExtreme), { within }, runInPython)
  })

  it.each(['one-hot', 'ordinal', 'target', 'hash'])(
    'with texts encoded %s, dates by parts, in all versions',
    async (encoding) => {
      const file = await fittedFile('forest-classifier', randomData(62, 150, 2), {
        trees: 5,
        encoding,
        dates: 'parts',
        scaling: 'standard',
        calibration: 'isotonic',
      })
      for (let opset = leastOpset; opset <= mostOpset; opset++)
        await expectSame(file, askedRows(62, 300), { within: 0, opset }, runInPython)
    },
  )
})

describe.skipIf(!able)(
  `models in ONNX answer the same by ONNX's own implementation of its operators${why}`,
  () => {
    // Which has no trees in double precision.
    const cases = modelCases.filter(
      ({ trainer }) => !/^(cart|forest|extra-trees|boosted-trees)/.test(trainer),
    )
    const byReference = (bytes: Uint8Array, feeds: Readonly<Record<string, Fed>>) =>
      runInPython(bytes, feeds, true)
    it.each(cases)('$trainer $params', async ({ trainer, params, within, isExtreme }) => {
      const file = await fittedFile(trainer, randomData(64, 80, isClassifier(trainer) ? 3 : 0), params)
      await expectSame(file, askedRows(64, 40, isExtreme), { within }, byReference)
    })
  },
)

describe('models in ONNX of many random data sets', () => {
  it.each(modelCases)('$trainer $params', async ({ trainer, params, within, isExtreme }) => {
    for (let seed = 100; seed < 112; seed++) {
      const classes = isClassifier(trainer) ? 2 + (seed % 4) : 0
      const file = await fittedFile(trainer, randomData(seed, 60 + 20 * (seed % 12), classes), params)
      await expectSame(file, askedRows(seed, 400, isExtreme), { within })
    }
  })
})

describe('models in ONNX of real data', () => {
  const classifiers = modelCases.filter(({ trainer }) => isClassifier(trainer))
  const regressors = modelCases.filter(({ trainer }) => !isClassifier(trainer))
  const cases = [
    ...[
      'iris species',
      'wine cultivar',
      'breast-cancer diagnosis',
      'penguins species',
      'digits digit',
    ].flatMap((data) => classifiers.map((one) => ({ data, ...one }))),
    ...['diabetes progression', 'penguins body_mass_g'].flatMap((data) =>
      regressors.map((one) => ({ data, ...one })),
    ),
  ]
  it.each(cases)('$data: $trainer $params', async ({ data: named, trainer, params, within }) => {
    const [name, target] = named.split(' ')
    const task = isClassifier(trainer) ? 'classification' : 'regression'
    const { dataset: data } = await readDataset(example(name), { target, task, dropRows: 'missing-target' })
    const half = (odd: number) =>
      selectRows(
        data,
        Int32Array.from({ length: Math.min(400, data.rows >> 1) }, (_, i) => 2 * i + odd),
      )
    const file = await fittedFile(trainer, half(0), params)
    await expectSame(file, rowsAsWritten(half(1)), { within })
  })

  it('take one row, and none', async () => {
    const file = await fittedFile('forest-classifier', randomData(63, 100, 3), { trees: 4 })
    const rows = askedRows(63, 20)
    for (const row of rows) await expectSame(file, [row], { within: 0 })
    const { files } = await exportModelFile(file, 'onnx')
    const { signature } = await loadModel(file)
    const none = await run(files.get('model.onnx') as Uint8Array, feedsOf([], signature))
    expect(none.label.dims).toEqual([0])
    expect(none.probabilities.dims).toEqual([0, 3])
  })
})

describe('the examples of docs/onnx.md', () => {
  const programs = [
    {
      file: 'predict.py',
      program: process.env.ESPALIER_BENCH_PYTHON ?? 'python3',
      skipped: !able,
      text: why,
    },
    { file: 'predict.mjs', program: process.execPath, skipped: false, text: '' },
  ]
  it.each(programs)('$file answers as Espalier does$text', async ({ file, program, skipped }) => {
    if (skipped) return
    const model = await fittedFile('cart-classifier', await exampleData('penguins', 'species'), {})
    const ours = (await loadModel(model)).predict([
      {
        island: 'Biscoe',
        beak_length_mm: 47.6,
        beak_depth_mm: 14.5,
        flipper_length_mm: 215,
        body_mass_g: 5400,
        sex: 'MALE',
      },
      {
        island: 'Dream',
        beak_length_mm: null,
        beak_depth_mm: 18.1,
        flipper_length_mm: 193,
        body_mass_g: 3750,
        sex: null,
      },
    ])
    const folder = mkdtempSync(join(tmpdir(), 'espalier-onnx-'))
    try {
      const { files } = await exportModelFile(model, 'onnx')
      writeFileSync(join(folder, 'penguins.onnx'), files.get('model.onnx')!)
      writeFileSync(
        join(folder, file),
        blocksOf('docs/onnx.md').find((one) => one.attributes.file === file)!.code,
      )
      symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'))
      const { stdout, stderr, status } = spawnSync(program, [file], { cwd: folder, encoding: 'utf8' })
      expect(status, stderr).toBe(0)
      const said = stdout.replaceAll(/[',]/g, '').trim()
      expect(said).toMatch(new RegExp(`^\\[ ?${ours[0]} +${ours[1]} ?\\] [\\[(] ?2 3 ?[\\])]$`))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
