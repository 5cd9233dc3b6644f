/** A sweep of programs that are stopped at their time limit: what is recorded, shown, resumed and reproduced of it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openStore, resumeSweep, sweep } from '../../src/index.js'
import type { JsonObject } from '../../src/values.js'
import { writeExecutable } from '../executable.js'
import { temporaryDirectory } from './support.js'

/** Reports 3, 1 and 2, and when it is asked to end 0.5 besides; each start leaves a line. */
const script = `#!/bin/sh
echo x >> "started$ESPALIER_TRIAL"
trap 'echo "espalier: {\\"metric\\": {\\"loss\\": 0.5}, \\"step\\": 9}"; exit 0' TERM
for loss in 3 1 2; do echo "espalier: {\\"metric\\": {\\"loss\\": $loss}}"; done
while true; do sleep 0.05; done
`

async function project(objective: object) {
  const directory = await temporaryDirectory()
  writeExecutable(join(directory, 'train.sh'), script)
  const file = join(directory, 'sweep.json')
  writeFileSync(
    file,
    JSON.stringify({
      trainer: { command: ['./train.sh'], grace: 20 },
      objective: { metric: 'loss', direction: 'minimize', ...objective },
      search: { algorithm: 'random', trials: 1 },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    }),
  )
  const starts = (trial: number) => {
    const path = join(directory, `started${trial}`)
    return existsSync(path) ? readFileSync(path, 'utf8').length / 2 : 0
  }
  return { file, store: join(directory, 'runs'), starts }
}

it('with the best step as its value keeps it, that of its grace included, and is not tried again', async () => {
  const { file, store, starts } = await project({ at: 'best' })
  const result = await sweep(file, { store, retries: 2, trialTimeout: 2000 })
  expect(result).toMatchObject({ status: 'finished', best: { value: 0.5 }, trials: { finished: 1 } })
  const opened = await openStore(store)
  const [trial] = await opened.trials(result.run)
  expect(trial).toMatchObject({
    status: 'finished',
    value: 0.5,
    history: { loss: { steps: [0, 1, 2, 9], values: [3, 1, 2, 0.5] } },
    conditions: { bestStep: { step: 9, value: 0.5 }, stoppedAtLimit: { step: 9, limitSeconds: 2 } },
    attempts: [],
  })
  expect(trial.artifacts.map(({ name }) => name)).toContain('stdout.txt')
  expect(starts(0)).toBe(1)
})

it('is tried again where that was asked for, also when its sweep goes on', async () => {
  const { file, store, starts } = await project({})
  const { run } = await sweep(file, { store, retries: 1, retryTimeouts: true, trialTimeout: 1000 })
  expect(starts(0)).toBe(2)
  const opened = await openStore(store)
  const { spec } = (await opened.run(run)) as { spec: JsonObject }
  expect(spec).toMatchObject({ retries: 1, retryTimeouts: true, bestAtTimeLimit: true })
  await resumeSweep(run, { store, trials: 2 })
  expect(starts(1)).toBe(2)
  const trials = await opened.trials(run)
  expect(trials.map(({ status, error }) => [status, error?.code])).toEqual([
    ['failed', 'TIME_LIMIT'],
    ['failed', 'TIME_LIMIT'],
  ])
})
