// A process that writes a sweep until it is killed, and says on standard output which trials it was promised.
// Usage: writing-process.mjs <store room> <store directory> <sweep id or "new"> <first trial>
import { writeSync } from 'node:fs'

const [room, directory, sweep, first] = process.argv.slice(2)
const { openStore } = await import(room)
const store = await openStore(directory)
const writer =
  sweep === 'new'
    ? await store.createSweep({
        experiment: 'crash',
        name: 'crash',
        objectives: [{ metric: 'm', direction: 'maximize' }],
        spec: {},
        conditions: {},
      })
    : await store.resumeSweep(sweep, { conditions: { resumed: true } })
writeSync(1, `sweep ${writer.id}\n`)

let next = Number(first)
const lane = async () => {
  for (;;) {
    const trial = next++
    void writer.trialStarted({ trial, params: { k: trial }, conditions: {}, attempt: 1 })
    const values = [trial, trial / 3, trial / 7]
    await writer.trialEnded({
      conditions: {},
      trial,
      status: 'finished',
      values: { m: trial / 3 },
      metrics: { m: trial / 3 },
      history: { m: { steps: [0, 1, 2], values } },
      error: null,
    })
    if (trial % 5 === 0) await writer.artifact(trial, 'model.json', JSON.stringify({ trial, values }))
    writeSync(1, `${trial}\n`)
  }
}
await Promise.all([lane(), lane(), lane(), lane()])
