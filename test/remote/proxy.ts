/** A way to a server that can be cut, and be silent, and that carries on. */
import { connect, createServer, type Server, type Socket } from 'node:net'

export type WayState = 'open' | 'cut' | 'silent' | 'lossy'

export class Way {
  readonly url: string
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  /** Of pairs that something was lost from. */
  readonly #dead = new WeakSet<Socket>()
  #state: WayState = 'open'

  private constructor(url: string, server: Server) {
    this.url = url
    this.#server = server
  }

  /** To the server at an address, which keeps its path and user. */
  static async to(address: string): Promise<Way> {
    const url = new URL(address)
    const target = { host: url.hostname, port: Number(url.port) }
    let way: Way
    const server = createServer((near) => way.#carry(near, target))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const place = server.address()
    url.port = String(typeof place === 'object' && place !== null ? place.port : 0)
    way = new Way(url.href, server)
    return way
  }

  get state(): WayState {
    return this.#state
  }

  /**
   * `cut`: connections are reset, and new ones as they are made. `silent`: they stay, and nothing passes; what was sent meanwhile arrives when it
   * is open again, unless it was cut. `lossy`: they stay, and what is sent is lost; those that it was lost from never carry anything again.
   */
  set(state: WayState): void {
    this.#state = state
    for (const [near, far] of this.#pairs)
      if (state === 'lossy') for (const one of [near, far]) this.#dead.add(one)
      else if (state === 'cut') for (const one of [near, far]) one.resetAndDestroy()
      else if (state === 'silent') for (const one of [near, far]) one.pause()
      else for (const one of [near, far]) one.resume()
  }

  async close(): Promise<void> {
    this.set('cut')
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #carry(near: Socket, target: { host: string; port: number }): void {
    if (this.#state === 'cut') {
      near.on('error', () => {})
      near.resetAndDestroy()
      return
    }
    const far = connect(target)
    const pair = [near, far] as const
    this.#pairs.add(pair)
    const pass = (from: Socket, to: Socket) => {
      from.on('data', (bytes) => {
        if (this.#dead.has(from)) return
        if (!to.write(bytes)) {
          from.pause()
          to.once('drain', () => {
            if (this.#state === 'open') from.resume()
          })
        }
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        to.destroySoon()
        this.#pairs.delete(pair)
      })
    }
    pass(near, far)
    pass(far, near)
    if (this.#state === 'silent') for (const one of pair) one.pause()
    if (this.#state === 'lossy') for (const one of pair) this.#dead.add(one)
  }
}
