/**
 * What the laws are told with: `describe`, `it`, `expect` and the rest of the reader's own test framework, as vitest and
 * jest have them. Nothing here needs one of its own.
 */

/** A value that is looked at; its matchers are those that vitest and jest share. */
// biome-ignore lint/suspicious/noExplicitAny: every framework types its matchers for itself
export type Expect = (actual: any, message?: string) => any

type Body = () => void | Promise<void>

/** `import * as vitest from 'vitest'` is one. */
export interface TestFramework {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, body: Body) => unknown
  readonly expect: Expect & ExpectPatterns
  readonly beforeAll: (body: Body) => unknown
  readonly afterAll: (body: Body) => unknown
}

/** Patterns inside an expected value. */
interface ExpectPatterns {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  stringMatching(pattern: RegExp | string): any
}
