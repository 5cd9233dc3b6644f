/** A process that runs a sweep by hand until it is killed: its store is named by the argument. */
import { setTimeout as sleep } from 'node:timers/promises'
import { makeSweep } from './sweeps.js'

await makeSweep(process.argv[2], {
  trials: 0,
  planned: 1000,
  name: 'growing',
  goOn: async (_, record) => {
    for (let trial = 0; trial < 1000; trial++) {
      await record(trial)
      await sleep(50)
    }
  },
})
