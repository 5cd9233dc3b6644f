/** `espalier serve` as a user starts and ends it. */
import { expect, test } from 'vitest'
import { data, foldersOfFile } from '../../cli/run.js'

const folder = foldersOfFile()()

test('its address is one document of JSON; Ctrl-C ends it, with 0', async () => {
  folder.write('sweep.json', {
    trainer: 'cart-classifier',
    data: { file: `${data}/penguins.csv`, target: 'species' },
    validation: { folds: 2 },
    search: { algorithm: 'random', trials: 1, seed: 1 },
    parameters: { maxDepth: { type: 'int', min: 2, max: 4 } },
  })
  expect((await folder.run('sweep', 'sweep.json', '--quiet')).code).toBe(0)
  const running = folder.start(['serve', 'best', '--port', '0', '--json'])
  await running.saw('Ctrl-C ends it')
  running.signal('SIGINT')
  const { code, stdout, stderr } = await running.ended
  expect(code).toBe(0)
  const { run, url, invocations, host, port } = JSON.parse(stdout)
  expect({ url, invocations, host }).toEqual({
    url: `http://127.0.0.1:${port}`,
    invocations: `http://127.0.0.1:${port}/invocations`,
    host: '127.0.0.1',
  })
  expect(stderr).toContain(`the model of run ${run} (classification, 6 columns) is served`)
  expect(stderr).toContain(`curl ${url}/invocations`)
  expect(stderr).not.toContain('warning')
})

test('whoever lets other machines ask is told that there is no password', async () => {
  const running = folder.start(['serve', 'best', '--port', '0', '--host', '0.0.0.0'])
  await running.saw('Ctrl-C ends it')
  running.signal('SIGTERM')
  const { code, stdout, stderr } = await running.ended
  expect(code).toBe(0)
  expect(stdout).toMatch(/^http:\/\/localhost:\d+\n$/)
  expect(stderr).toContain('warning: there is no password')
})
