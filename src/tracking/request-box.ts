/**
 * The side of requests that answers them: looks for them while a sweep is held, one after the other in the order of
 * asking, and puts each with its answer on record before its file goes. A request that is on record already, because
 * a crash came in between, is not carried out again.
 */
import { describeError } from '../errors.js'
import type { AskedRequest } from './acts.js'
import type { RequestFolder } from './requests.js'

/** ms between two looks. */
const every = 250

/** Decides on a request, does what it says and puts it on record; resolves when that is on the disk. */
export type TakeRequest = (request: AskedRequest, before: boolean) => Promise<void>

export interface BoxParts {
  readonly folder: RequestFolder
  isAnswered(id: string): boolean
  readonly take: TakeRequest
  warn(warning: string): void
}

export class RequestBox {
  readonly #parts: BoxParts
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void>
  #closed = false

  /** Begins to look. What waits already was asked before: of a sweep that nobody held, or of a process that died. */
  constructor(parts: BoxParts) {
    this.#parts = parts
    this.#looking = parts.folder
      .tidy()
      .then(() => this.#look(true))
      .catch((error) => this.#warn(error))
    this.#wait()
  }

  /** Looks once more, and no more after that. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#looking
    await this.#look(false).catch((error) => this.#warn(error))
  }

  #wait(): void {
    this.#timer = setTimeout(async () => {
      await this.#looking
      if (this.#closed) return
      this.#looking = this.#look(false).catch((error) => this.#warn(error))
      await this.#looking
      if (!this.#closed) this.#wait()
    }, every)
    this.#timer.unref()
  }

  async #look(before: boolean): Promise<void> {
    const { folder, isAnswered } = this.#parts
    const asked: AskedRequest[] = []
    for (const { id, taken } of await folder.list()) {
      try {
        if (isAnswered(id)) {
          await folder.take(id)
          await folder.done(id)
        } else if (taken || (await folder.take(id))) {
          const request = await this.#read(id)
          if (request !== null) asked.push(request)
        }
      } catch (error) {
        // It does not keep the others from being answered.
        this.#parts.warn(`a request in ${folder.path} cannot be taken up: ${describeError(error).message}`)
      }
    }
    asked.sort((a, b) => (a.asked < b.asked ? -1 : a.asked > b.asked ? 1 : a.id < b.id ? -1 : 1))
    for (const request of asked) {
      await this.#parts.take(request, before)
      await folder.done(request.id)
    }
  }

  /** null where it is none that this version understands: it goes, which whoever asked will see. */
  async #read(id: string): Promise<AskedRequest | null> {
    try {
      return await this.#parts.folder.read(id)
    } catch (error) {
      this.#parts.warn(
        `a request in ${this.#parts.folder.path} was not carried out: ${describeError(error).message}`,
      )
      await this.#parts.folder.done(id)
      return null
    }
  }

  #warn(error: unknown): void {
    this.#parts.warn(`requests are not looked for: ${describeError(error).message}`)
  }
}
