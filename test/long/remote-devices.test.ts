/** Devices of workers: stand-ins for nvidia-smi on their PATH, real programs on their seats, a Redis of the test's own. */
import { writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Document, foldersOfFile } from '../cli/run.js'
import { nvidiaSmi, pathWith } from '../execution/stand-ins.js'
import { noRedis, startRedis, type TestServer } from '../remote/servers.js'

const folder = foldersOfFile()
const machine = (count: number) => ({
  PATH: `${pathWith({ 'nvidia-smi': nvidiaSmi(count, { used: 700 }) })}:${process.env.PATH}`,
})

const program = `
import { appendFileSync } from 'node:fs'
const [x, ms] = process.argv.slice(2).map(Number)
const { CUDA_VISIBLE_DEVICES = 'none', ESPALIER_SEAT } = process.env
const mark = (what) => appendFileSync('marks', \`\${CUDA_VISIBLE_DEVICES} \${what} \${ESPALIER_SEAT}\\n\`)
mark('from')
setTimeout(() => {
  mark('to')
  console.log('espalier: ' + JSON.stringify({ final: { loss: x * x } }))
}, ms)
`

describe.skipIf(noRedis !== null)(
  `devices of workers over Redis${noRedis === null ? '' : ` (${noRedis})`}`,
  () => {
    let server: TestServer
    beforeAll(async () => {
      server = await startRedis()
    })
    afterAll(() => server.stop())

    let names = 0
    function place(resources: object | null, ms = 100) {
      const at = folder()
      writeFileSync(join(at.path, 'program.mjs'), program)
      const file = at.write('sweep.json', {
        trainer: { command: [process.execPath, 'program.mjs', '{x}', String(ms)] },
        objective: { metric: 'loss', direction: 'minimize' },
        parameters: { x: { type: 'float', min: -1, max: 1 } },
        search: { algorithm: 'random', trials: 6 },
        ...(resources && { resources }),
      })
      const queue = { ESPALIER_QUEUE: server.url, ESPALIER_QUEUE_NAME: `devices${names++}` }
      const local = { ESPALIER_QUEUE: '' }
      return {
        at,
        worker: (count: number, ...args: string[]) =>
          at.start(['worker', ...args], { env: { ...queue, ...machine(count) } }),
        sweep: (...args: string[]) => at.start(['sweep', file, ...args], { env: queue }),
        alone: () => at.start(['sweep', file, '--devices', 'none'], { env: local }).ended,
        async trials(): Promise<Document[]> {
          const { id } = await at.json('runs', 'show', 'latest')
          const list: Document[] = await at.json('runs', 'list', '--sweep', id)
          return list.sort((a, b) => a.trial - b.trial)
        },
      }
    }
    const values = (trials: readonly Document[]) => trials.map(({ params, value }) => [params, value])

    it('go to the fits that need them, and are on record with the worker they are of', async () => {
      const { at, worker, sweep, alone, trials } = place({ devices: 1 }, 1500)
      const serving = worker(2, '--devices', 'auto')
      await serving.saw('2 seats with 1 device each: 0, 1 NVIDIA A100-SXM4-40GB')
      expect(await sweep().ended).toMatchObject({ code: 0 })
      const swept = await trials()
      for (const { run } of swept) {
        const { fits } = (await at.json('runs', 'show', run)).conditions
        const [[device]] = fits.devices
        expect(['0', '1']).toContain(device)
        expect(fits.peakDeviceMemoryMB).toEqual([700 + Number(device)])
        expect(fits.workers).toMatchObject([
          {
            id: expect.stringMatching(/^[0-9a-f]{8}$/),
            host: hostname(),
            devices: [{ id: device, name: 'NVIDIA A100-SXM4-40GB', driver: '550.54.15', memoryMB: 40960 }],
          },
        ])
      }
      const { stdout } = await at.run('runs', 'show', swept[0].run)
      expect(stdout).toMatch(/device +[01], at most 70[01] MB in use on one of them/)
      expect(stdout).toMatch(
        new RegExp(`worker +[0-9a-f]{8} on ${hostname()} \\([01] NVIDIA A100-SXM4-40GB\\)`),
      )
      serving.signal('SIGTERM')
      await serving.ended
      const { readFileSync } = await import('node:fs')
      const marks = readFileSync(join(at.path, 'marks'), 'utf8').trim().split('\n')
      for (const device of ['0', '1']) {
        // Never two at once on one device, and always from the same seat.
        const own = marks.filter((mark) => mark.startsWith(`${device} `))
        expect(own).toEqual(own.map((_, i) => `${device} ${i % 2 === 0 ? 'from' : 'to'} ${device}`))
      }
      expect(marks.length).toBe(12)
      expect((await alone()).code).toBe(0)
      expect(values(await trials())).toEqual(values(swept))
    }, 120_000)

    it.each([
      [
        2,
        [],
        /each seat of a worker must hold the devices that a fit of the sweep needs \(2; one here holds no devices\)/,
      ],
      [2, ['--devices', 'auto'], /\(2; one here holds 1\); start it with --devices auto --devices-per-fit 2/],
      [0.5, ['--devices', '0,1', '--devices-per-fit', '0.25'], /\(0\.5; one here holds 0\.25 of a device\)/],
    ])(
      'that are too few are said, and cost the sweep nothing (%d, %j)',
      async (devices, options, message) => {
        const { worker, sweep, alone, trials } = place({ devices })
        const sweeping = sweep()
        const unfit = await worker(2, ...options).ended
        expect([unfit.code, unfit.stderr]).toEqual([2, expect.stringMatching(message)])
        const fit = worker(2, '--devices-per-fit', String(devices))
        const ended = await sweeping.ended
        expect(ended.code).toBe(0)
        expect(ended.stderr).toMatch(
          /the worker [0-9a-f]{8} on \S+ cannot serve this sweep: each seat of a worker/,
        )
        const swept = await trials()
        fit.signal('SIGTERM')
        await fit.ended
        await alone()
        expect(values(await trials())).toEqual(values(swept))
      },
      120_000,
    )

    it('are not named where the sweep is', async () => {
      const { sweep } = place(null)
      const { code, stderr } = await sweep('--devices', '0').ended
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(
          /devices are of the machine where a fit runs.*ESPALIER_QUEUE.*espalier worker --devices auto/,
        ),
      ])
    })
  },
)
