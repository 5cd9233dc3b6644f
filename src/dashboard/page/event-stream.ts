/**
 * One stream of server-sent events that is taken up again exactly where it was: after a lost connection, and after the page
 * was hidden, while which it is closed, as a browser allows few connections to a server.
 */
import type { LiveEvent } from '../data/index.js'

export interface EventHandlers {
  onOpen(): void
  onMessage(data: string, id: string): void
  onError(): void
}

/** What is needed of the browser. */
export interface Surroundings {
  /** Returns how to close it. */
  open(address: string, handlers: EventHandlers): () => void
  hidden(): boolean
  /** Returns how to stop. */
  onVisibility(listener: () => void): () => void
  /** Returns how to stop. */
  later(milliseconds: number, action: () => void): () => void
}

/** ms until the connection is tried again: doubled each time, up to the last. */
const [firstPause, longestPause] = [500, 15_000]

/**
 * @param addressAfter where the stream is to be had from behind the event of this id; null: from the beginning.
 * @param onConnection told of a connection that is lost and of one that stands; not of one that is closed on purpose.
 * @returns how to stop.
 */
export function followEvents(
  addressAfter: (id: string | null) => string,
  listener: (event: LiveEvent) => void,
  onConnection: (connected: boolean) => void,
  surroundings: Surroundings,
): () => void {
  let closeChannel: (() => void) | null = null
  let last: string | null = null
  let pause = firstPause
  let stopWaiting = () => {}

  const close = () => {
    stopWaiting()
    closeChannel?.()
    closeChannel = null
  }
  const open = () => {
    close()
    let isOpen = true
    const closeIt = surroundings.open(addressAfter(last), {
      onOpen() {
        pause = firstPause
        if (isOpen) onConnection(true)
      },
      onMessage(data, id) {
        if (!isOpen) return
        if (id !== '') last = id
        listener(JSON.parse(data))
      },
      onError() {
        if (!isOpen) return
        close()
        onConnection(false)
        stopWaiting = surroundings.later(pause, open)
        pause = Math.min(longestPause, pause * 2)
      },
    })
    closeChannel = () => {
      isOpen = false
      closeIt()
    }
  }
  const stopLooking = surroundings.onVisibility(() => {
    if (surroundings.hidden()) close()
    else if (closeChannel === null) open()
  })
  if (!surroundings.hidden()) open()
  return () => {
    stopLooking()
    close()
  }
}
