/** Programs that run out of memory: a failure like any other, from which the search learns. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openStore, sweep } from '../../src/index.js'
import { writeExecutable } from '../executable.js'
import { temporaryDirectory } from '../temporary.js'

/**
 * Ended by the system or with the message of CUDA where units × batch is large, as some 45 % of the space are; below that the loss is
 * the less the more units there are, so that the best lies where memory ends.
 */
const script = `#!/bin/sh
if [ $((ESPALIER_PARAM_UNITS * ESPALIER_PARAM_BATCH)) -gt 16384 ]; then
  [ $((ESPALIER_TRIAL % 2)) -eq 0 ] && kill -9 $$
  echo 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB' >&2; exit 1
fi
awk -v units="$ESPALIER_PARAM_UNITS" -v batch="$ESPALIER_PARAM_BATCH" -v rate="$ESPALIER_PARAM_LEARNING_RATE" 'BEGIN {
  far = log(rate) / log(10) + 2
  print "espalier: {\\"final\\": {\\"loss\\": " 0.1 * far * far + 4 * log(2) / log(units) + 0.01 * log(batch) / log(2) "}}"
}'
`

async function outOfMemory(algorithm: 'random' | 'bayesian', seed: number, workers = 2) {
  const directory = await temporaryDirectory()
  writeExecutable(join(directory, 'train.sh'), script)
  const file = join(directory, 'sweep.json')
  const whole = (min: number, max: number) => ({ type: 'int', min, max, scale: 'log' })
  writeFileSync(
    file,
    JSON.stringify({
      trainer: { command: ['./train.sh'] },
      objective: { metric: 'loss', direction: 'minimize' },
      search: { algorithm, trials: 40, seed },
      parameters: {
        units: whole(8, 4096),
        batch: whole(8, 512),
        learningRate: { type: 'float', min: 1e-4, max: 1, scale: 'log' },
      },
    }),
  )
  const store = join(directory, 'runs')
  const { run, trials, failures, best } = await sweep(file, { store, workers })
  const failed = (await (await openStore(store)).trials(run)).flatMap(({ trial, params, error }) =>
    error === null ? [] : [{ trial, params, error: error.code }],
  )
  expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['OUT_OF_MEMORY']))
  expect(failed.length).toBe(trials.failed)
  for (const { params, error } of failed) {
    expect(error).toBe('OUT_OF_MEMORY')
    expect((params.units as number) * (params.batch as number)).toBeGreaterThan(16384)
  }
  return { failed, best: best!.value }
}

it.each([0, 1])(
  'the search avoids where memory ends, by seed %i the same each time',
  async (seed) => {
    const random = await outOfMemory('random', seed)
    const bayesian = await outOfMemory('bayesian', seed)
    expect(random.failed.length).toBeGreaterThanOrEqual(14)
    expect(bayesian.failed.length).toBeLessThanOrEqual(random.failed.length / 2)
    expect(bayesian.best).toBeLessThan(random.best)
    expect(await outOfMemory('bayesian', seed, 1)).toEqual(bayesian)
  },
  300_000,
)
