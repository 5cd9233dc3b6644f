/** Several GPUs from the command line: stand-ins for the tools on the PATH, real programs on the seats. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nvidiaSmi, pathWith } from '../execution/stand-ins.js'
import { type Document, foldersOfFile } from './run.js'

const folder = foldersOfFile()
const environment = (count: number) => ({
  PATH: `${count === 0 ? pathWith({}) : pathWith({ 'nvidia-smi': nvidiaSmi(count, { used: 700 }) })}:${process.env.PATH}`,
})

const program = `
const x = Number(process.argv[2])
console.log('espalier: ' + JSON.stringify({ metric: { loss: x }, step: 0 }))
setTimeout(() => {
  console.log('espalier: ' + JSON.stringify({ final: { loss: x * x, device: Number(process.env.CUDA_VISIBLE_DEVICES ?? -1) } }))
}, Number(process.argv[3]))
`

function sweepIn(at: ReturnType<typeof folder>, ms: number, resources?: object): string {
  writeFileSync(join(at.path, 'program.mjs'), program)
  return at.write('sweep.json', {
    trainer: { command: [process.execPath, 'program.mjs', '{x}', String(ms)] },
    objective: { metric: 'loss', direction: 'minimize' },
    parameters: { x: { type: 'float', min: -1, max: 1 } },
    search: { algorithm: 'random', trials: 6 },
    ...(resources && { resources }),
  })
}

const values = (trials: readonly Document[]) => trials.map(({ params, value }) => [params, value])

describe('a sweep with devices', () => {
  it('has a seat for each, tells of them, and comes to what it comes to without', async () => {
    const at = folder()
    const file = sweepIn(at, 1500, { devices: 1 })
    const env = environment(2)
    const first = await at.start(['sweep', file], { env }).ended
    expect(first.stderr).toContain('2 seats with 1 device each: 0, 1 NVIDIA A100-SXM4-40GB')
    expect(first.code).toBe(0)
    const sweep = await at.json('runs', 'show', 'latest')
    expect(sweep.sessions[0].conditions).toMatchObject({
      workers: 2,
      devicesPerFit: 1,
      devices: [
        { id: '0', kind: 'cuda', name: 'NVIDIA A100-SXM4-40GB', driver: '550.54.15', memoryMB: 40960 },
        { id: '1' },
      ],
    })
    const list = async (id: string) =>
      (await at.json('runs', 'list', '--sweep', id)).sort((a: Document, b: Document) => a.trial - b.trial)
    const trials = await list(sweep.id)
    const one = await at.json('runs', 'show', trials[1].run)
    const [device] = one.conditions.fits.devices[0]
    expect(one.metrics.device).toBe(Number(device))
    expect(one.conditions.fits.peakDeviceMemoryMB).toEqual([700 + Number(device)])
    expect((await at.run('runs', 'show', trials[1].run)).stdout).toMatch(
      new RegExp(`device +${device}, at most ${700 + Number(device)} MB in use`),
    )

    const without = await at.start(['sweep', file, '--devices', 'none'], { env }).ended
    expect(without.stderr).not.toContain('seats with')
    const plain = await list((await at.json('runs', 'show', 'latest')).id)
    expect(values(plain)).toEqual(values(trials))
  })

  it('goes on with other devices', async () => {
    const at = folder()
    await at.start(['sweep', sweepIn(at, 1, { devices: 1 })], { env: environment(3) }).ended
    const { code, stderr } = await at.start(['resume', 'latest', '--trials', '8'], { env: environment(1) })
      .ended
    expect(stderr).toContain('1 seat with 1 device each: 0 NVIDIA')
    expect(code).toBe(0)
    const more = ['resume', 'latest', '--trials', '9', '--devices-per-fit', '0.5']
    expect((await at.start(more, { env: environment(1) }).ended).stderr).toContain(
      '2 seats with a share of 0.5 of a device each',
    )
  })

  it.each([
    [0, [], /holds 1 device while it runs, and none were found.*--devices none/],
    [1, ['--devices-per-fit', '2'], /as many devices as a fit holds.*only 0/],
    [2, ['--devices', '0,5'], /there is no 5/],
    [2, ['--workers', '3'], /3 workers, and 2 seats/],
    [2, ['--devices-per-fit', '1.5'], /whole number of devices from 1 on, or a share/],
  ])('is refused where the devices are not there (%d, %j)', async (count, options, message) => {
    const at = folder()
    const file = sweepIn(at, 1, { devices: 1 })
    const ended = await at.start(['sweep', file, ...options], { env: environment(count) }).ended
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringMatching(message)])
  })

  it('is reproduced with devices, with others and with none: equal', async () => {
    const at = folder()
    writeFileSync(join(at.path, 'program.mjs'), program.replace(/, device: [^}]*/, ''))
    const file = at.write('sweep.json', {
      trainer: { command: [process.execPath, 'program.mjs', '{x}', '1'] },
      objective: { metric: 'loss', direction: 'minimize' },
      parameters: { x: { type: 'float', min: -1, max: 1 } },
      search: { algorithm: 'random', trials: 3 },
      resources: { devices: 1 },
    })
    expect((await at.start(['sweep', file], { env: environment(2) }).ended).code).toBe(0)
    const again = (count: number, ...options: string[]) =>
      at.start(['reproduce', 'latest', ...options], { env: environment(count) }).ended
    for (const [count, ...options] of [
      [2],
      [1, '--devices', '0'],
      [1, '--devices-per-fit', '0.5'],
      [0, '--devices', 'none'],
    ] as const) {
      const ended = await again(count, ...options)
      expect([ended.code, ended.stderr], options.join(' ')).toEqual([0, expect.not.stringContaining('error')])
    }
    const refused = await again(0)
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/none were found.*--devices none/),
    ])
    const unknown = await again(2, '--devices', '7')
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('there is no 7')])
  })

  it('runs without where nobody needs any', async () => {
    const at = folder()
    const ended = await at.start(['sweep', sweepIn(at, 1), '--devices', 'auto'], { env: environment(0) })
      .ended
    expect(ended.code).toBe(0)
  })
})
