/**
 * Random numbers as named streams: every random draw comes from a stream keyed by (seed, purpose, trial …), so
 * that no draw depends on how many draws came before it elsewhere.
 *
 * Source: seedrandom's `alea` (Johannes Baagøe), 32 bits a draw (`next` uses 53 bits: two draws).
 */
import alea from 'seedrandom/lib/alea.js'

/** Random numbers that the same seed repeats. */
export interface RandomStream {
  /** Uniform on [0, 1), 53 bits. */
  next(): number
  /** Uniform integer in 0 … n − 1, without modulo bias. n from 1 to 2^53. */
  integer(n: number): number
  /** Adds 1 at `integer(counts.length)`, as often as `counts` is long: as many draws with replacement. */
  drawInto(counts: Int32Array): void
  /** Standard normal. */
  normal(): number
  /** Shuffles in place (Fisher–Yates) and returns the array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(array: T): T
}

/** The stream of this seed and these keys. The same arguments give the same numbers in every process. */
export function randomStream(
  seed: number,
  purpose: string,
  ...keys: readonly (number | string)[]
): RandomStream {
  let generator = alea(JSON.stringify([seed, purpose, ...keys]), { state: true })
  const next = () => generator.double()
  let spare = Number.NaN
  return {
    next,
    integer: (n) => Math.floor(next() * n),
    drawInto(counts) {
      // alea's own steps on numbers of this function, which V8 keeps in registers: a fifth of the time.
      let { s0, s1, s2, c } = generator.state()
      const n = counts.length
      for (let i = 0; i < n; i++) {
        const high = 2091639 * s0 + c * 2.3283064365386963e-10
        c = high | 0
        const first = high - c
        const low = 2091639 * s1 + c * 2.3283064365386963e-10
        c = low | 0
        s0 = s2
        s1 = first
        s2 = low - c
        counts[Math.floor((first + ((s2 * 0x200000) | 0) * 1.1102230246251565e-16) * n)]++
      }
      generator = alea('', { state: { s0, s1, s2, c } })
    },
    normal() {
      if (!Number.isNaN(spare)) {
        const value = spare
        spare = Number.NaN
        return value
      }
      // Marsaglia's polar method: two normals a round, no trigonometry.
      for (;;) {
        const u = 2 * next() - 1
        const v = 2 * next() - 1
        const s = u * u + v * v
        if (s >= 1 || s === 0) continue
        const factor = Math.sqrt((-2 * Math.log(s)) / s)
        spare = v * factor
        return u * factor
      }
    },
    shuffle(array) {
      for (let i = array.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1))
        const kept = array[i]
        array[i] = array[j]
        array[j] = kept
      }
      return array
    },
  }
}

/** A seed for something that takes a number (a trainer, a library): 0 … 2^32 − 1. */
export function deriveSeed(seed: number, purpose: string, ...keys: readonly (number | string)[]): number {
  return Math.floor(randomStream(seed, purpose, ...keys).next() * 2 ** 32)
}
