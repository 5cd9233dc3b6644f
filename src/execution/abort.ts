/**
 * Many listeners on one AbortSignal: every fit of a sweep may hang on the same. One real listener a signal, so
 * that Node does not warn of a leak and adding the ten-thousandth costs no more than the first.
 */
const listeners = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls back when the signal aborts (not if it already has); returns what takes the listener away. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let set = listeners.get(signal)
  if (set === undefined) {
    set = new Set()
    listeners.set(signal, set)
    const all = set
    signal.addEventListener('abort', () => {
      for (const one of [...all]) one()
    })
  }
  set.add(listener)
  return () => set.delete(listener)
}
