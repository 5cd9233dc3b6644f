/**
 * What every transport must do: one suite for Redis, PostgreSQL and memory. `open` opens one more transport on the same queue, as another
 * process would have it; `claimMs` is what it was opened with.
 */
import { createHash, randomUUID } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import type { Claim, Transport } from '../../src/remote/transport.js'

export interface TransportUnderTest {
  open(): Promise<Transport>
  readonly claimMs: number
  /** Lets so much time pass. */
  wait(ms: number): Promise<void>
}

export async function until(holds: () => Promise<boolean> | boolean, wait: TransportUnderTest['wait']) {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 3_000) throw new Error('what was waited for did not come about')
    await wait(20)
  }
}

/** A promise and what resolves it. */
function gate(): { readonly passed: Promise<void>; open: () => void } {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}

function lostOf(claim: Claim): Promise<void> {
  return new Promise((resolve) => {
    if (claim.lost.aborted) resolve()
    else claim.lost.addEventListener('abort', () => resolve(), { once: true })
  })
}

export function transportLaws(subject: () => TransportUnderTest): void {
  const opened: Transport[] = []
  const open = async (): Promise<Transport> => {
    const transport = await subject().open()
    opened.push(transport)
    return transport
  }
  const wait = (ms: number) => subject().wait(ms)
  afterEach(async () => {
    for (const transport of opened.splice(0)) await transport.close()
  })
  const fresh = (name: string) => `${name}-${randomUUID()}`

  test('offers are claimed by rank, and in the order they were offered where it is equal', async () => {
    const [coordinator, worker] = [await open(), await open()]
    const ids = [3, 0, 2, 0, 1, 2].map((rank, index) => ({ id: fresh(`o${index}`), rank, body: `b${index}` }))
    for (const offer of ids) await coordinator.offer(offer)
    const expected = [1, 3, 4, 2, 5, 0].map((index) => ids[index]!.id)
    expect(await coordinator.waiting()).toEqual(expected)
    expect(await coordinator.stateOf([ids[0]!.id, fresh('never')])).toEqual(['waiting', 'gone'])
    const order: string[] = []
    const server = worker.serve(1, async (claim) => {
      order.push(claim.id)
      expect(claim.body).toBe(ids.find((offer) => offer.id === claim.id)!.body)
    })
    await until(() => order.length === ids.length, wait)
    expect(order).toEqual(expected)
    await until(async () => (await coordinator.stateOf(expected)).every((state) => state === 'gone'), wait)
    await server.close()
  })

  test('an offer is claimed while its work goes on, and gone when it has ended or thrown', async () => {
    const [coordinator, worker] = [await open(), await open()]
    const id = fresh('o')
    const work = gate()
    const server = worker.serve(1, async () => {
      await work.passed
      throw new Error('of no interest')
    })
    await coordinator.offer({ id, rank: 0, body: 'b' })
    await until(async () => (await coordinator.stateOf([id]))[0] === 'claimed', wait)
    await coordinator.withdraw(id)
    expect(await coordinator.stateOf([id])).toEqual(['claimed'])
    work.open()
    await until(async () => (await coordinator.stateOf([id]))[0] === 'gone', wait)
    await server.close()
  })

  test('the states of many are those of each', async () => {
    const [coordinator, worker] = [await open(), await open()]
    const ids = Array.from({ length: 30 }, (_, index) => fresh(`o${index}`))
    for (const id of ids) await coordinator.offer({ id, rank: 0, body: 'b' })
    const work = gate()
    const claimed: string[] = []
    const server = worker.serve(5, async ({ id }) => {
      claimed.push(id)
      await work.passed
    })
    await until(() => claimed.length === 5, wait)
    await coordinator.withdraw(ids[20]!)
    const asked = [...ids, fresh('never')]
    const expected = asked.map((id, index) =>
      claimed.includes(id) ? 'claimed' : index === 20 || index === 30 ? 'gone' : 'waiting',
    )
    expect(await coordinator.stateOf(asked)).toEqual(expected)
    for (const id of ids) await coordinator.withdraw(id)
    work.open()
    await until(async () => (await coordinator.stateOf(asked)).every((state) => state === 'gone'), wait)
    await server.close()
  })

  test('what is withdrawn is claimed by nobody', async () => {
    const [coordinator, worker] = [await open(), await open()]
    const [kept, taken] = [fresh('kept'), fresh('taken')]
    await coordinator.offer({ id: taken, rank: 0, body: 'b' })
    await coordinator.offer({ id: kept, rank: 1, body: 'b' })
    await coordinator.withdraw(taken)
    expect(await coordinator.stateOf([taken, kept])).toEqual(['gone', 'waiting'])
    await coordinator.withdraw(fresh('never'))
    const claimed: string[] = []
    const server = worker.serve(2, async (claim) => void claimed.push(claim.id))
    await until(() => claimed.length > 0, wait)
    await wait(50)
    expect(claimed).toEqual([kept])
    await server.close()
  })

  test('a server works on as many as it has seats, and two never hold the same', async () => {
    const coordinator = await open()
    const ids = Array.from({ length: 40 }, (_, index) => fresh(`o${index}`))
    const claims = new Map<string, number>()
    const most: number[] = []
    const servers = []
    for (const seats of [1, 2, 3]) {
      let busy = 0
      const at = most.push(0) - 1
      const worker = await open()
      servers.push(
        worker.serve(seats, async (claim) => {
          busy++
          most[at] = Math.max(most[at]!, busy)
          claims.set(claim.id, (claims.get(claim.id) ?? 0) + 1)
          await wait(20)
          busy--
        }),
      )
    }
    await Promise.all(ids.map((id) => coordinator.offer({ id, rank: 0, body: 'b' })))
    await until(async () => (await coordinator.stateOf(ids)).every((state) => state === 'gone'), wait)
    expect([...claims.keys()].sort()).toEqual([...ids].sort())
    expect([...claims.values()].every((times) => times === 1)).toBe(true)
    expect(most).toEqual([1, 2, 3])
    for (const server of servers) await server.close()
  })

  test('a claim is kept far longer than it lasts without renewal', async () => {
    const [coordinator, worker] = [await open(), await open()]
    const id = fresh('o')
    const work = gate()
    let claim: Claim | null = null
    const server = worker.serve(1, async (mine) => {
      claim = mine
      await work.passed
    })
    const tending = coordinator.tend()
    await coordinator.offer({ id, rank: 0, body: 'b' })
    await until(() => claim !== null, wait)
    await wait(3 * subject().claimMs)
    expect(claim!.lost.aborted).toBe(false)
    expect(await coordinator.stateOf([id])).toEqual(['claimed'])
    work.open()
    await until(async () => (await coordinator.stateOf([id]))[0] === 'gone', wait)
    await server.close()
    await tending.close()
  })

  test('a server that drains claims no more, and has ended what it claimed', async () => {
    const [coordinator, worker] = [await open(), await open()]
    const [first, second] = [fresh('first'), fresh('second')]
    const work = gate()
    const claimed: string[] = []
    const server = worker.serve(2, async (claim) => {
      claimed.push(claim.id)
      await work.passed
    })
    await coordinator.offer({ id: first, rank: 0, body: 'b' })
    await until(() => claimed.length === 1, wait)
    let drained = false
    const draining = server.drain().then(() => {
      drained = true
    })
    await coordinator.offer({ id: second, rank: 0, body: 'b' })
    await wait(100)
    expect(drained).toBe(false)
    work.open()
    await draining
    expect(claimed).toEqual([first])
    await until(async () => (await coordinator.stateOf([second]))[0] === 'waiting', wait)
    await server.close()
    expect(await coordinator.stateOf([second])).toEqual(['waiting'])
    await coordinator.withdraw(second)
  })

  test('closing a server loses its claims, which are gone when their works have ended', async () => {
    const [coordinator, worker] = [await open(), await open()]
    const id = fresh('o')
    let ended = false
    let begun = false
    const server = worker.serve(1, async (claim) => {
      begun = true
      await lostOf(claim)
      ended = true
    })
    await coordinator.offer({ id, rank: 0, body: 'b' })
    await until(() => begun, wait)
    await server.close()
    expect(ended).toBe(true)
    await until(async () => (await coordinator.stateOf([id]))[0] === 'gone', wait)
  })

  test('messages arrive in their order, also those sent before anybody receives', async () => {
    const [from, to] = [await open(), await open()]
    const box = fresh('box')
    const sent = Array.from({ length: 300 }, (_, index) => `${index}`)
    await from.send(box, sent[0]!)
    await Promise.all(sent.slice(1, 200).map((body) => from.send(box, body)))
    const received: string[] = []
    const receiver = to.receive(box, async (body) => void received.push(body))
    await Promise.all(sent.slice(200).map((body) => from.send(box, body)))
    await until(() => received.length >= sent.length, wait)
    expect(received).toEqual(sent)
    await receiver.close()
    await from.send(box, 'later')
    await wait(50)
    expect(received).toEqual(sent)
    const next = from.receive(box, async (body) => void received.push(body))
    await until(() => received.length > sent.length, wait)
    expect(received.at(-1)).toBe('later')
    await next.close()
    await from.dropBox(box)
  })

  test('a message that is not taken comes again, before those behind it', async () => {
    const transport = await open()
    const box = fresh('box')
    const received: string[] = []
    let refusals = 3
    const receiver = transport.receive(box, async (body) => {
      if (body === 'b' && refusals-- > 0) throw new Error('not now')
      received.push(body)
    })
    for (const body of ['a', 'b', 'c']) await transport.send(box, body)
    await until(() => received.length === 3, wait)
    expect(received).toEqual(['a', 'b', 'c'])
    expect(refusals).toBe(-1)
    await receiver.close()
  })

  test('a receiver that is closed over a message it could not take leaves it first for the next', async () => {
    const [one, two] = [await open(), await open()]
    const box = fresh('box')
    let tried = 0
    const first = one.receive(box, async () => {
      tried++
      throw new Error('never')
    })
    for (const body of ['a', 'b', 'c']) await two.send(box, body)
    await until(() => tried > 0, wait)
    await first.close()
    const received: string[] = []
    const second = two.receive(box, async (body) => void received.push(body))
    await until(() => received.length === 3, wait)
    expect(received).toEqual(['a', 'b', 'c'])
    await second.close()
  })

  test('a mailbox that is dropped is empty', async () => {
    const transport = await open()
    const box = fresh('box')
    await transport.send(box, 'old')
    await transport.dropBox(box)
    await transport.dropBox(fresh('never'))
    const received: string[] = []
    const receiver = transport.receive(box, async (body) => void received.push(body))
    await transport.send(box, 'new')
    await until(() => received.length > 0, wait)
    expect(received).toEqual(['new'])
    await receiver.close()
  })

  test('any text arrives as it was sent', async () => {
    const transport = await open()
    const box = fresh('box')
    const texts = ['', '\0', 'ä\u{1F333}"\\', '\ud800 and \udc00', '{"t":["x"]}', '12', 'x'.repeat(2_000_000)]
    const received: string[] = []
    const receiver = transport.receive(box, async (body) => void received.push(body))
    for (const text of texts) await transport.send(box, text)
    await until(() => received.length === texts.length, wait)
    expect(received.map((text) => text.length)).toEqual(texts.map((text) => text.length))
    expect(received.every((text, index) => text === texts[index])).toBe(true)
    await receiver.close()
  })

  test('announcements are found until they are taken back, as they were said last', async () => {
    const [one, two] = [await open(), await open()]
    const [first, second] = [fresh('w'), fresh('w')]
    await one.announce('worker', first, 'old')
    await one.announce('worker', first, 'new')
    await two.announce('worker', second, 'other')
    const of = async () => (await two.announced('worker')).filter(({ id }) => [first, second].includes(id))
    expect((await of()).sort((a, b) => (a.body < b.body ? -1 : 1))).toEqual([
      { id: first, body: 'new' },
      { id: second, body: 'other' },
    ])
    expect(await two.announcement('worker', first)).toBe('new')
    expect(await two.announcement('sweep', first)).toBeNull()
    await two.unannounce('worker', first)
    await two.unannounce('worker', fresh('never'))
    expect(await of()).toEqual([{ id: second, body: 'other' }])
    expect(await one.announcement('worker', first)).toBeNull()
    await one.unannounce('worker', second)
  })

  test('content is what was put, by its digest, of any length', async () => {
    const [one, two] = [await open(), await open()]
    for (const length of [0, 1, 700_000, 3_000_001]) {
      const content = Uint8Array.from({ length }, (_, index) => (index * 31 + length) & 255)
      const digest = createHash('sha256').update(content).digest('hex')
      await two.dropContent(digest)
      expect(await two.getContent(digest)).toBeNull()
      await one.putContent(digest, content)
      await one.putContent(digest, content)
      const found = await two.getContent(digest)
      expect(Buffer.compare(content, found!)).toBe(0)
      await two.dropContent(digest)
      expect(await one.getContent(digest)).toBeNull()
    }
  })

  test('content of an owner is its own, and goes when all of it is dropped, whole or not', async () => {
    const [one, two] = [await open(), await open()]
    const [owner, other] = [fresh('d1'), fresh('d1')]
    const content = new Uint8Array(900_000).fill(7)
    const digest = createHash('sha256').update(content).digest('hex')
    const owners = [owner, `${owner}-offer`, `${owner}0`, other]
    for (const each of [undefined, ...owners]) await one.putContent(digest, content, each)
    await two.dropContent(digest, other)
    await two.dropContentsOf(owner)
    const there = async (each?: string) => (await two.getContent(digest, each)) !== null
    expect(await Promise.all(owners.map(there))).toEqual([false, false, true, false])
    expect(await there()).toBe(true)
    await two.dropContentsOf(`${owner}0`)
    await two.dropContent(digest)
    // What another had put a part of is put whole.
    await one.putContent(digest, content, owner)
    expect(Buffer.compare(content, (await two.getContent(digest, owner))!)).toBe(0)
    await two.dropContentsOf(owner)
  })

  test('what is there can be listed: mailboxes until they are dropped, and content by digest and owner', async () => {
    const [one, two] = [await open(), await open()]
    const [box, other] = [fresh('worker'), fresh('worker')]
    await one.send(box, 'body')
    await one.send(other, 'body')
    const boxes = async () => (await two.boxes()).filter((name) => [box, other].includes(name)).sort()
    expect(await boxes()).toEqual([box, other].sort())
    await two.dropBox(box)
    expect(await boxes()).toEqual([other])
    await one.dropBox(other)
    expect(await boxes()).toEqual([])

    const content = new Uint8Array(900_000).fill(9)
    const digest = createHash('sha256').update(content).digest('hex')
    const owner = fresh('s0f-t1')
    await one.putContent(digest, content)
    await one.putContent(digest, content, owner)
    const names = async () => {
      const all = (await two.contents()).filter((name) => name.digest === digest)
      return [
        ...new Set(all.map((name) => (name.owner === null ? 'nobody' : name.owner.slice(0, owner.length)))),
      ]
    }
    expect((await names()).sort()).toEqual(['nobody', owner])
    await two.dropUnowned([digest])
    expect(await names()).toEqual([owner])
    expect(await one.getContent(digest)).toBeNull()
    await two.dropContentsOf(owner)
    expect(await names()).toEqual([])
  })

  test("the server's clock goes on", async () => {
    const transport = await open()
    const before = await transport.time()
    await wait(100)
    const passed = (await transport.time()) - before
    expect(passed).toBeGreaterThanOrEqual(90)
    expect(passed).toBeLessThan(20_000)
  })

  test('content that has another digest is refused', async () => {
    const transport = await open()
    const digest = createHash('sha256').update(fresh('x')).digest('hex')
    await transport.putContent(digest, Uint8Array.of(1, 2, 3))
    await expect(transport.getContent(digest)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await transport.dropContent(digest)
  })

  test('what is asked of a transport that is closed is refused', async () => {
    const transport = await open()
    await transport.close()
    await expect(transport.send('box', 'b')).rejects.toMatchObject({ code: 'INTERRUPTED' })
    await expect(transport.stateOf(['x'])).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
}
