import { describe, expect, it } from 'vitest'
import { deviceEnvironment } from '../../src/execution/device-environment.js'
import { memoryInUse } from '../../src/execution/device-tools.js'
import { type AskedDevices, type Device, findDevices, seatsOf } from '../../src/execution/index.js'
import { nvidiaSmi, pathWith, rocmSmi } from './stand-ins.js'

const four = pathWith({ 'nvidia-smi': nvidiaSmi(4, { used: 100 }) })
const amd = pathWith({ 'rocm-smi': rocmSmi })
const nothing = pathWith({})

async function ids(asked: AskedDevices, environment: Record<string, string>, timeLimit?: number) {
  const { devices } = await findDevices(asked, { PATH: four, ...environment }, timeLimit)
  return devices.map(({ id }) => id)
}

describe('devices of NVIDIA', () => {
  it('are told with name, memory and driver', async () => {
    const { devices } = await findDevices('auto', { PATH: four })
    expect(devices[1]).toEqual({
      id: '1',
      kind: 'cuda',
      uuid: 'GPU-11aa-bb',
      name: 'NVIDIA A100-SXM4-40GB',
      memoryMB: 40960,
      driver: '550.54.15',
    })
    expect(devices).toHaveLength(4)
  })

  it.each([
    ['2,0', ['2', '0']],
    ['GPU-22, 3', ['GPU-22aa-bb', '3']],
    ['', []],
    ['-1', []],
    ['NoDevFiles', []],
    ['1,9,2', ['1']],
    ['1,1,2', ['1', '2']],
    ['GPU-', []],
  ])('are those that CUDA_VISIBLE_DEVICES allows: "%s"', async (CUDA_VISIBLE_DEVICES, expected) => {
    expect(await ids('auto', { CUDA_VISIBLE_DEVICES })).toEqual(expected)
  })

  it('are those that are named, as they are named', async () => {
    expect(await ids(['3', 'gpu-11AA'], {})).toEqual(['3', 'GPU-11aa-bb'])
  })

  it.each([
    [['0', '7'], {}, 'DEVICES_MISSING', /no 7.*0 \(NVIDIA A100-SXM4-40GB\), 1/],
    [['0', '0'], {}, 'USAGE', /named twice/],
    [['0', 'GPU-00'], {}, 'USAGE', /named twice/],
    [['0'], { CUDA_VISIBLE_DEVICES: '1,2' }, 'DEVICES_MISSING', /allows only 1, 2/],
  ])('are refused where they cannot be had: %j %j', async (asked, environment, code, message) => {
    const found = findDevices(asked, { PATH: four, ...environment })
    await expect(found).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('are the parts of those that are divided', async () => {
    const list = `GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-00aa-bb)
  MIG 3g.20gb     Device  0: (UUID: MIG-aaa)
  MIG 3g.20gb     Device  1: (UUID: MIG-bbb)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-11aa-bb)`
    const PATH = pathWith({ 'nvidia-smi': nvidiaSmi(2, { list }) })
    expect(await ids('auto', { PATH })).toEqual(['MIG-aaa', 'MIG-bbb', '1'])
    expect(await ids('auto', { PATH, CUDA_VISIBLE_DEVICES: 'MIG-b' })).toEqual(['MIG-bbb'])
    expect(await ids(['MIG-aaa'], { PATH })).toEqual(['MIG-aaa'])
    await expect(findDevices(['0'], { PATH })).rejects.toThrow(/name its parts: MIG-aaa, MIG-bbb/)
  })

  it('have memory that is in use', async () => {
    const used = await memoryInUse('cuda', { PATH: four }, 5000)
    expect([used?.get('2'), used?.get('GPU-22aa-bb')]).toEqual([102, 102])
  })
})

describe('devices of AMD', () => {
  it('are told with name, memory and driver', async () => {
    const { devices } = await findDevices('auto', { PATH: amd })
    expect(devices[0]).toMatchObject({
      id: '0',
      kind: 'rocm',
      uuid: 'GPU-ab12',
      name: 'AMD Instinct MI250X',
      memoryMB: 65520,
      driver: '6.3.6',
    })
    expect(devices[1].name).toBeNull()
  })

  it('are counted by HIP in what ROCR_VISIBLE_DEVICES leaves', async () => {
    const environment = { PATH: amd, ROCR_VISIBLE_DEVICES: '1' }
    const { devices } = await findDevices('auto', environment)
    expect(devices.map(({ id }) => id)).toEqual(['1'])
    expect(deviceEnvironment(devices, environment)).toEqual({ HIP_VISIBLE_DEVICES: '0' })
    expect(await ids('auto', { PATH: amd, HIP_VISIBLE_DEVICES: '1,0' })).toEqual(['1', '0'])
  })
})

describe('where no tool tells', () => {
  it('there are none, and why is said', async () => {
    const { devices, why } = await findDevices('auto', { PATH: nothing })
    expect([devices, why]).toEqual([[], expect.stringMatching(/neither nvidia-smi nor rocm-smi/)])
  })

  it.each([
    ['hangs', 'exec sleep 1000', /did not answer within 0.5 s/],
    ['hangs with what it started', 'sleep 1000 & wait', /did not answer within 0.5 s/],
    ['fails', 'echo "NVIDIA-SMI has failed: no driver"; exit 9', /exit code 9: NVIDIA-SMI has failed/],
    ['says rubbish', 'echo "hello"', /something else than devices: "hello"/],
  ])('a tool that %s is told of, and named devices are taken as named', async (_, script, message) => {
    const PATH = pathWith({ 'nvidia-smi': script })
    const auto = await findDevices('auto', { PATH }, 500)
    expect([auto.devices, auto.why]).toEqual([[], expect.stringMatching(message)])
    const named = await findDevices(['0', '5'], { PATH }, 500)
    expect(named.devices.map(({ id, kind }) => [id, kind])).toEqual([
      ['0', 'named'],
      ['5', 'named'],
    ])
    expect(named.warnings).toEqual([expect.stringMatching(message)])
  })

  it('those that the environment lists are taken', async () => {
    expect(await ids('auto', { PATH: nothing, HIP_VISIBLE_DEVICES: '2,3' })).toEqual(['2', '3'])
    expect(await ids('auto', { PATH: nothing, CUDA_VISIBLE_DEVICES: '' })).toEqual([])
  })
})

const device = (id: string, kind: Device['kind'] = 'cuda'): Device => ({
  id,
  kind,
  uuid: `GPU-${id}`,
  name: null,
  memoryMB: null,
  driver: null,
})

describe('seats', () => {
  const held = (count: number, each: number) =>
    seatsOf(
      Array.from({ length: count }, (_, i) => device(String(i))),
      each,
    ).map(({ devices }) => devices.map(({ id }) => id).join('+'))

  it.each([
    [4, 1, ['0', '1', '2', '3']],
    [4, 2, ['0+1', '2+3']],
    [5, 2, ['0+1', '2+3']],
    [2, 0.5, ['0', '1', '0', '1']],
    [1, 0.3, ['0', '0', '0']],
    [1, 1 / 3, ['0', '0', '0']],
    [1, 0.6, ['0']],
  ])('of %d devices, %d to a fit', (count, each, expected) => {
    expect(held(count, each)).toEqual(expected)
  })

  it('are refused where there are too few devices, or a part beside whole ones', () => {
    expect(() => held(1, 2)).toThrow(/there is only 0.*--devices-per-fit/)
    for (const each of [0, -1, 1.5, Number.NaN]) expect(() => held(4, each)).toThrow(/whole number/)
  })
})

describe('the environment of a seat', () => {
  it.each([
    [[device('0'), device('2')], {}, { CUDA_VISIBLE_DEVICES: '0,2', CUDA_DEVICE_ORDER: 'PCI_BUS_ID' }],
    [[device('0')], { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' }, { CUDA_VISIBLE_DEVICES: '0' }],
    // Numbers would mean others there.
    [[device('0')], { CUDA_DEVICE_ORDER: 'FASTEST_FIRST' }, { CUDA_VISIBLE_DEVICES: 'GPU-0' }],
    [
      [device('1', 'rocm')],
      { CUDA_VISIBLE_DEVICES: '0,1' },
      { HIP_VISIBLE_DEVICES: '1', CUDA_VISIBLE_DEVICES: '1' },
    ],
    [
      [device('1', 'named')],
      {},
      { CUDA_VISIBLE_DEVICES: '1', HIP_VISIBLE_DEVICES: '1', ZE_AFFINITY_MASK: '1' },
    ],
    [[], {}, {}],
  ])('shows its devices and no others', (devices, environment, expected) => {
    expect(deviceEnvironment(devices, environment)).toEqual(expected)
  })
})
