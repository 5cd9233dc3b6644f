/** Runs the sweep files that a JSON file lists, on whatever Node runs this, and prints a digest of what each came to. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openStore, sweep } from '../../dist/index.js'

const [list, directory] = process.argv.slice(2)
const digests = {}
for (const { name, definition, data } of JSON.parse(readFileSync(list, 'utf8'))) {
  const store = join(directory, name)
  const result = await sweep(definition, { store, data, workers: 1, keepModels: 'all' })
  const digest = createHash('sha256')
  for (const { trial, params, value, metrics, artifacts } of await (await openStore(store)).trials(
    result.run,
  )) {
    const figures = Object.entries(metrics).filter(([metric]) => !metric.endsWith('Seconds'))
    const files = artifacts.filter((one) => /^(model|out-of-fold)/.test(one.name))
    digest.update(JSON.stringify([trial, params, value, figures, files]))
  }
  digests[name] = { digest: digest.digest('hex'), finished: result.trials.finished }
}
console.log(JSON.stringify(digests))
