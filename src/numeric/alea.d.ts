/** One generator of seedrandom by itself: its whole loads seven, and Node's `crypto`. */
declare module 'seedrandom/lib/alea.js' {
  import type { State, StatefulPRNG } from 'seedrandom'

  /** `state`: the one to go on from, or true to be able to ask for it. */
  export default function alea(
    seed: string,
    options: { readonly state: State.Alea | true },
  ): StatefulPRNG<State.Alea>
}
