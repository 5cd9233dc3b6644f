/** `sweep --mlflow` as its user meets it: the result is there before what is left is sent, and Ctrl-C leaves that for later. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { data, foldersOfFile, main } from './run.js'

const folder = foldersOfFile()()

test('a result waits for no server, and Ctrl-C leaves what is not sent to `sync`', async () => {
  // One that takes requests and never answers.
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  folder.write('sweep.json', {
    trainer: 'cart-classifier',
    data: { file: `${data}/iris.csv`, target: 'species' },
    validation: { folds: 2 },
    search: { algorithm: 'random', trials: 2, seed: 1 },
    parameters: { maxDepth: { type: 'int', min: 2, max: 4 } },
  })
  const child = spawn(process.execPath, [main, 'sweep', 'sweep.json', '--quiet', '--mlflow', url], {
    cwd: folder.path,
    env: { ...process.env, NO_PROXY: '*' },
  })
  let [shown, said] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
  })
  const waits = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('Ctrl-C leaves it for later')) resolve()
    })
  })
  await waits
  expect(shown).toMatch(/^finished: 2 trials \(2 finished\)/)
  expect(shown).toContain('espalier dashboard')
  child.kill('SIGINT')
  // It would go on trying for 10 s since the sweep ended, of which one has gone.
  const left = performance.now()
  const [code] = await once(child, 'close')
  expect(performance.now() - left).toBeLessThan(7000)
  silent.closeAllConnections()
  silent.close()
  expect(code).toBe(0)
  expect(said).toMatch(
    /3 of 3 runs are not on the MLflow server .* yet; espalier sync mlflow [0-9a-f]{16} sends them/,
  )
})
