/** What each thing that is asked of a queue costs, on a Redis of the bench's own: ms of its processor, and of the process that asks. */
import { createHash, randomBytes } from 'node:crypto'
import { openTransport } from '../../src/remote/bull/open.js'
import type { Transport } from '../../src/remote/transport.js'
import { startQueue } from './places.js'

export interface Price {
  readonly redis: number
  readonly asker: number
}

export interface Prices {
  /** By the names under which the simulated queue counts. */
  readonly each: Readonly<Record<string, Price>>
  /** A second of a worker that does nothing but hold a fit: its renewals, its looks for the dead, its waiting for messages. */
  readonly workerSecond: Price
  /** Connections of a worker. */
  readonly connections: number
}

const times = 400
const idle = { workers: 20, seconds: 10 }
const text = (length: number) => randomBytes(length).toString('hex').slice(0, length)

export async function pricesOnRedis(): Promise<Prices> {
  const queue = await startQueue()
  const open = () => openTransport(queue.url, { prefix: 'prices' })
  const transport = await open()
  const price = async (count: number, work: () => Promise<unknown>): Promise<Price> => {
    const before = await queue.spent()
    const cpu = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(cpu)
    const after = await queue.spent()
    return { redis: (after.ms - before.ms) / count, asker: (user + system) / 1000 / count }
  }
  const each: Record<string, Price> = {}
  const all = (work: (index: number) => Promise<unknown>) =>
    Promise.all(Array.from({ length: times }, (_, i) => work(i)))
  const ids = Array.from({ length: times }, (_, i) => `o-${i}`)

  await all((i) => transport.send('warm', String(i)))
  each.offer = await price(times, () =>
    all((i) => transport.offer({ id: ids[i]!, rank: i, body: text(350) })),
  )
  each['state of an offer'] = await price(times, () => transport.stateOf(ids))
  each.claim = await price(times, () => serveAll(transport))
  each.message = await price(times, async () => {
    let received = 0
    const done = new Promise<void>((resolve) => {
      transport.receive('box', async () => {
        if (++received === times) resolve()
      })
    })
    for (let i = 0; i < times; i++) await transport.send('box', text(270))
    await done
  })
  await all((i) => transport.announce('worker', `w-${i}`, text(310)))
  each['announce a worker'] = await price(times, () =>
    all((i) => transport.announce('worker', `w-${i}`, text(310))),
  )
  const list = await price(10, () => tenTimes(() => transport.announced('worker')))
  each['listed worker'] = { redis: list.redis / times, asker: list.asker / times }
  await transport.announce('sweep', 's', text(310))
  each['announce a sweep'] = each['announce a worker']
  each['look at a sweep'] = await price(times, () => all(() => transport.announcement('sweep', 's')))
  const content = randomBytes(4000)
  const digest = createHash('sha256').update(content).digest('hex')
  await transport.putContent(digest, content)
  each['get content'] = await price(times, () => all(() => transport.getContent(digest)))

  const workers = await Promise.all(Array.from({ length: idle.workers }, open))
  const before = await queue.connections()
  const held = Array.from({ length: idle.workers }, (_, i) => `h-${i}`)
  for (const [i, id] of held.entries()) await transport.offer({ id, rank: i, body: 'held' })
  let end = () => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  let begun = 0
  await new Promise<void>((resolve) => {
    for (const [i, worker] of workers.entries()) {
      worker.receive(`box-${i}`, async () => {})
      worker.serve(1, async () => {
        if (++begun === idle.workers) resolve()
        await over
      })
    }
  })
  const connections = 1 + ((await queue.connections()) - before) / idle.workers
  const workerSecond = await price(
    idle.workers * idle.seconds,
    () => new Promise((resolve) => setTimeout(resolve, 1000 * idle.seconds)),
  )
  end()
  await Promise.all([transport, ...workers].map((one) => one.close()))
  await queue.close()
  return { each, workerSecond, connections }
}

async function serveAll(transport: Transport): Promise<void> {
  let done = 0
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const server = transport.serve(1, async () => {
    if (++done === times) end()
  })
  await ended
  await server.close()
}

async function tenTimes(work: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 10; i++) await work()
}
