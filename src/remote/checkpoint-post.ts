/**
 * What a worker sends of the checkpoints of one fit, while it trains on: one after the other, each before the next report is said, so that
 * whoever has heard a report can go on from the checkpoint of the one before. One that cannot be sent is left out: the one before stays.
 */
import type { Post } from './post.js'
import { partsOf, type SentCheckpoint, sendCheckpoint } from './sent-checkpoint.js'
import type { Transport } from './transport.js'

export class CheckpointPost {
  readonly #transport: Transport
  readonly #post: Post
  /** The id of the offer: contents are put under its name. */
  readonly #fit: string
  /** Aborted when nobody goes on from what is sent any more. */
  readonly #over = new AbortController()
  #number = 0
  /** Files of the last one that its coordinator has, by SHA-256. */
  #has: ReadonlySet<string>
  readonly #unheard = new Map<number, ReadonlySet<string>>()
  /** What is to be said, in its order. */
  #last: Promise<void> = Promise.resolve()

  /** @param given the one that came with the offer. */
  constructor(transport: Transport, post: Post, fit: string, given: SentCheckpoint | null) {
    this.#transport = transport
    this.#post = post
    this.#fit = fit
    this.#has = filesOf(given)
  }

  /** Sends the one in this folder, which stays until the next one is whole. */
  send(folder: string): void {
    this.#last = this.#last.then(() => this.#send(folder)).catch(() => {})
  }

  /** Says it after what came before it. */
  say(message: Parameters<Post['say']>[0]): void {
    this.#last = this.#last.then(() => {
      this.#post.say(message).catch(() => {})
    })
  }

  /** Resolves when all that came so far was said. */
  settled(): Promise<void> {
    return this.#last
  }

  /** No checkpoint is sent any more, not even one that is under way. */
  stop(): void {
    this.#over.abort()
  }

  /** The coordinator has kept it. */
  kept(number: number): void {
    this.#has = this.#unheard.get(number) ?? this.#has
    for (const one of this.#unheard.keys()) if (one <= number) this.#unheard.delete(one)
  }

  /** Whichever of those that were sent it has kept last: files that only some of them have may be gone there. */
  #surelyThere(): ReadonlySet<string> {
    const sent = [...this.#unheard.values()]
    return new Set([...this.#has].filter((file) => sent.every((files) => files.has(file))))
  }

  async #send(folder: string): Promise<void> {
    const { signal } = this.#over
    const put = new Set<string>()
    try {
      const sent = await sendCheckpoint(folder, this.#surelyThere(), async (digest, content) => {
        signal.throwIfAborted()
        put.add(digest)
        await this.#transport.putContent(digest, content, this.#fit)
      })
      signal.throwIfAborted()
      const checkpoint = this.#number++
      this.#unheard.set(checkpoint, filesOf(sent))
      await this.#post.say({ kind: 'checkpoint', checkpoint, sent, contents: partsOf(sent) })
    } catch (error) {
      for (const digest of put) await this.#transport.dropContent(digest, this.#fit)
      throw error
    }
  }
}

function filesOf(sent: SentCheckpoint | null): ReadonlySet<string> {
  return new Set(sent?.checkpoint.files.map(({ sha256 }) => sha256))
}
