/** One stream of server-sent events. Whoever does not read it is let go: it comes back to where it was by the id of what it had. */
import type { ServerResponse } from 'node:http'
import type { LiveEvent } from '../data/index.js'
import type { Follower } from '../gather/hub.js'
import { head } from './answers.js'

/** Bytes that wait for one that does not read. */
const mostWaiting = 4 << 20
/** ms between two signs of life. */
const aliveEvery = 15_000

export class EventStream implements Follower {
  readonly #response: ServerResponse
  readonly #alive: NodeJS.Timeout
  /** Of the event that was written last: one that goes to many is written as JSON once, and waits in memory once for all of them. */
  static #last: { readonly event: LiveEvent; readonly data: Buffer } | null = null

  constructor(response: ServerResponse) {
    this.#response = response
    head(response, 200, { 'content-type': 'text/event-stream; charset=utf-8' })
    response.write(': hello\n\n')
    this.#alive = setInterval(() => this.#write(': alive\n\n'), aliveEvery)
    this.#alive.unref()
    response.on('close', () => clearInterval(this.#alive))
  }

  tell(event: LiveEvent, id: string): void {
    if (EventStream.#last?.event !== event)
      EventStream.#last = { event, data: Buffer.from(`data: ${JSON.stringify(event)}\n\n`) }
    this.#write(`id: ${id}\n`, EventStream.#last.data)
  }

  #write(...parts: readonly (string | Buffer)[]): void {
    if (this.#response.destroyed) return
    if (this.#response.writableLength > mostWaiting) this.#response.destroy()
    else for (const part of parts) this.#response.write(part)
  }
}
