/** The stream of what is new goes on exactly where it was, after a lost connection and after the page was hidden. */
import { describe, expect, it } from 'vitest'
import type { LiveEvent } from '../../../src/dashboard/data/index.js'
import { type EventHandlers, followEvents } from '../../../src/dashboard/page/event-stream.js'

const news = (sweep: string) => JSON.stringify({ type: 'again', sweep })

/** A browser in which a test opens, breaks and hides as it likes. */
function browserOfTest() {
  const opened: { address: string; handlers: EventHandlers; closed: boolean }[] = []
  let hidden = false
  let onVisibility: (() => void) | null = null
  let waiting: { milliseconds: number; action: () => void } | null = null
  const heard: LiveEvent[] = []
  const connections: boolean[] = []
  const stop = followEvents(
    (id) => `/events?after=${id}`,
    (event) => heard.push(event),
    (connected) => connections.push(connected),
    {
      open(address, handlers) {
        const channel = { address, handlers, closed: false }
        opened.push(channel)
        return () => {
          channel.closed = true
        }
      },
      hidden: () => hidden,
      onVisibility(listener) {
        onVisibility = listener
        return () => {
          onVisibility = null
        }
      },
      later(milliseconds, action) {
        const timer = { milliseconds, action }
        waiting = timer
        return () => {
          if (waiting === timer) waiting = null
        }
      },
    },
  )
  return {
    opened,
    heard,
    connections,
    stop,
    last: () => opened[opened.length - 1],
    hide(state: boolean) {
      hidden = state
      onVisibility?.()
    },
    /** Lets the time pass that it waits; how long that was. */
    wait() {
      const { milliseconds, action } = waiting!
      waiting = null
      action()
      return milliseconds
    },
    isWaiting: () => waiting !== null,
    isListening: () => onVisibility !== null,
  }
}

describe('a stream', () => {
  it('begins at the beginning, and is taken up again behind the last event', () => {
    const browser = browserOfTest()
    expect(browser.last().address).toBe('/events?after=null')
    browser.last().handlers.onOpen()
    browser.last().handlers.onMessage(news('a'), '7')
    browser.last().handlers.onMessage(news('b'), '8')
    browser.last().handlers.onError()
    expect(browser.opened[0].closed).toBe(true)
    expect(browser.connections).toEqual([true, false])
    browser.wait()
    expect(browser.last().address).toBe('/events?after=8')
    browser.last().handlers.onOpen()
    expect(browser.connections).toEqual([true, false, true])
    expect(browser.heard).toEqual([
      { type: 'again', sweep: 'a' },
      { type: 'again', sweep: 'b' },
    ])
  })

  it('is tried again after ever longer pauses, and after a short one once it stood', () => {
    const browser = browserOfTest()
    const pauses: number[] = []
    for (let i = 0; i < 8; i++) {
      browser.last().handlers.onError()
      pauses.push(browser.wait())
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
    browser.last().handlers.onOpen()
    browser.last().handlers.onError()
    expect(browser.wait()).toBe(500)
  })

  it('is closed while the page is hidden, without word of a lost connection, and goes on when it is shown', () => {
    const browser = browserOfTest()
    browser.last().handlers.onOpen()
    browser.last().handlers.onMessage(news('a'), '3')
    browser.hide(true)
    expect(browser.last().closed).toBe(true)
    expect(browser.connections).toEqual([true])
    browser.hide(false)
    expect(browser.opened).toHaveLength(2)
    expect(browser.last().address).toBe('/events?after=3')
  })

  it('is not tried again while the page is hidden', () => {
    const browser = browserOfTest()
    browser.last().handlers.onError()
    browser.hide(true)
    expect(browser.isWaiting()).toBe(false)
    browser.hide(false)
    expect(browser.opened).toHaveLength(2)
  })

  it('hears nothing of a connection that is closed, and nothing at all once it is stopped', () => {
    const browser = browserOfTest()
    const [first] = browser.opened
    first.handlers.onError()
    browser.wait()
    first.handlers.onMessage(news('late'), '99')
    first.handlers.onError()
    expect(browser.heard).toEqual([])
    expect(browser.last().closed).toBe(false)
    browser.stop()
    expect(browser.last().closed).toBe(true)
    expect(browser.isListening()).toBe(false)
    expect(browser.isWaiting()).toBe(false)
  })
})
