import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as vitest from 'vitest'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createInlineExecutor,
  createPoolExecutor,
  type Device,
  type Seat,
} from '../../src/execution/index.js'
import { whenGroupGone } from '../../src/training/command/gone.js'
import type { FitPlan } from '../../src/training/index.js'
import { devicesLaw, ending, objectivePlan, whole } from '../laws/executor.js'
import { temporaryFolder } from '../temporary.js'
import { nvidiaSmi, pathWith } from './stand-ins.js'

const program = fileURLToPath(new URL('./fixtures/seat-program.mjs', import.meta.url))
const plan: FitPlan = {
  trainer: {
    kind: 'command',
    command: [process.execPath, program, '{file}', '{id}', '{how}', '{ms}'],
    directory: '/',
  },
  data: null,
  resampling: null,
  seed: 1,
  objectiveMetric: 'value',
}

const { PATH } = process.env
afterEach(() => {
  process.env.PATH = PATH
})

function seat(kind: Device['kind'] = 'named'): Seat {
  return { devices: [{ id: '1', kind, uuid: null, name: null, memoryMB: null, driver: null }] }
}

describe('programs', () => {
  devicesLaw(vitest, async (options) => createInlineExecutor(options), plan, [
    'wait',
    'throw',
    'crash',
    'loop',
    'stubborn',
    'child',
  ])
})

describe('functions, which nothing can end', () => {
  const stubborn = (until: Promise<unknown>) =>
    createInlineExecutor(
      {
        plan: { ...plan, trainer: { kind: 'function', name: 'f' } },
        workers: 1,
        seats: [seat()],
        memoryLimit: null,
        grace: 10,
        startLimit: 300,
      },
      {
        kind: 'objective',
        objective: {
          name: 'f',
          objective: async ({ waits }, { devices }) => {
            expect(devices).toEqual(['1'])
            if (waits) await until
            return 1
          },
        },
      },
    )

  it('have their device until they return', async () => {
    let release!: (value?: unknown) => void
    let released = false
    const executor = stubborn(
      new Promise((resolve) => {
        release = resolve
      }),
    )
    const first = await executor.run(whole(0, { waits: true }, 20))
    expect(ending(first)).toBe('TIME_LIMIT')
    const second = executor.run(whole(1, { waits: false }), {
      onStart: () => expect(released).toBe(true),
    })
    setTimeout(() => {
      released = true
      release()
    }, 100)
    expect(ending(await second)).toBe('finished')
    await executor.close()
  })

  it('are told of where they never do', async () => {
    const executor = stubborn(new Promise(() => {}))
    await executor.run(whole(0, { waits: true }, 20))
    await expect(executor.run(whole(1, { waits: false }))).rejects.toMatchObject({ code: 'DEVICES_HELD' })
    await executor.close()
  })
})

it('a thread that does not end has its device until it does', async () => {
  const executor = createPoolExecutor({
    plan: objectivePlan('seats'),
    workers: 1,
    seats: [seat()],
    memoryLimit: null,
  })
  await executor.ready()
  const folder = temporaryFolder()
  const pipe = `${folder}/pipe`
  execFileSync('mkfifo', [pipe])
  const first = await executor.run(whole(0, { file: pipe, id: 0, how: 'pipe', ms: 1 }, 200))
  expect(ending(first)).toBe('TIME_LIMIT')
  let ended = false
  const second = executor.run(whole(1, { file: `${folder}/marks`, id: 1, how: 'wait', ms: 1 }), {
    onStart: () => expect(ended).toBe(true),
  })
  // Long enough for another thread to start.
  await new Promise((resolve) => setTimeout(resolve, 2500))
  ended = true
  closeSync(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK))
  expect(ending(await second)).toBe('finished')
  await executor.close()
})

it('what a program leaves has its device until it is gone', async () => {
  let release!: (value?: unknown) => void
  const left = new Promise((resolve) => {
    release = resolve
  })
  let released = false
  const executor = createInlineExecutor(
    {
      plan: { ...plan, trainer: { kind: 'function', name: 'f' } },
      workers: 1,
      seats: [seat()],
      memoryLimit: null,
    },
    {
      kind: 'objective',
      objective: {
        name: 'f',
        objective: (_, context) => {
          ;(context as unknown as { occupied(until: Promise<unknown>): void }).occupied(left)
          return 1
        },
      },
    },
  )
  expect(ending(await executor.run(whole(0, {})))).toBe('finished')
  const second = executor.run(whole(1, {}), { onStart: () => expect(released).toBe(true) })
  setTimeout(() => {
    released = true
    release()
  }, 100)
  expect(ending(await second)).toBe('finished')
  await executor.close()
})

it('a group is gone when its last process is, and one that only its entry is left of counts as gone', async () => {
  // The leader ends at once; its child goes on in the group, and nobody waits for it.
  const leader = spawn('sh', ['-c', 'sleep 1000 & echo $!; exit 0'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [said] = await once(leader.stdout, 'data')
  await once(leader, 'exit')
  let gone = false
  const going = whenGroupGone(leader.pid!).then(() => {
    gone = true
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(gone).toBe(false)
  process.kill(Number(String(said)), 'SIGKILL')
  await going
})

it('a thread has the variables of its seat before its module is imported', async () => {
  const executor = createPoolExecutor({
    plan: objectivePlan('seats'),
    workers: 1,
    seats: [seat()],
    memoryLimit: null,
  })
  const file = `${temporaryFolder()}/marks`
  await executor.run(whole(0, { file, id: 0, how: 'wait', ms: 1 }))
  await executor.close()
  expect(JSON.parse(readFileSync(file, 'utf8').split('\n')[0])).toMatchObject({
    seat: 0,
    devices: ['1'],
    imported: '1',
  })
  expect(process.env.CUDA_VISIBLE_DEVICES).toBeUndefined()
})

it('tells of the memory in use on the devices of a fit, and leaves a tool alone that fails', async () => {
  const run = async (script: string) => {
    process.env.PATH = `${pathWith({ 'nvidia-smi': script })}:${PATH}`
    const executor = createInlineExecutor({ plan, workers: 1, seats: [seat('cuda')], memoryLimit: null })
    const file = `${temporaryFolder()}/marks`
    const outcome = await executor.run(whole(0, { file, id: 0, how: 'wait', ms: 4000 }))
    await executor.close()
    return outcome
  }
  expect(await run(nvidiaSmi(2, { used: 500 }))).toMatchObject({ status: 'finished', deviceMemoryMB: 501 })
  const without = await run('exit 9')
  expect([without.status, without.deviceMemoryMB]).toEqual(['finished', undefined])
})

it('refuses seats that are not as many as workers', () => {
  expect(() => createInlineExecutor({ plan, workers: 2, seats: [seat()], memoryLimit: null })).toThrow(
    /as many as/,
  )
})
