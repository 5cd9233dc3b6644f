/** One generator of seedrandom by itself: its whole loads seven, and Node's `crypto`. */
declare module 'seedrandom/lib/alea.js' {
  import type { PRNG } from 'seedrandom'

  export default function alea(seed: string): PRNG
}
