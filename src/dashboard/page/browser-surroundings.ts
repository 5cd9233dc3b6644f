/** What a stream of events needs, as the browser has it. */
import type { Surroundings } from './event-stream.js'

export const browser: Surroundings = {
  open(address, { onOpen, onMessage, onError }) {
    const stream = new EventSource(address)
    stream.onopen = onOpen
    stream.onmessage = ({ data, lastEventId }) => onMessage(data, lastEventId)
    stream.onerror = onError
    return () => stream.close()
  },
  hidden: () => document.hidden,
  onVisibility(listener) {
    document.addEventListener('visibilitychange', listener)
    return () => document.removeEventListener('visibilitychange', listener)
  },
  later(milliseconds, action) {
    const timer = setTimeout(action, milliseconds)
    return () => clearTimeout(timer)
  },
}
