/** How the compiler is made to see that every key is mapped. */

/** All keys of T, also those that may be absent: they are then stated to be undefined. */
export type EveryKey<T> = { readonly [K in keyof Required<T>]: T[K] | undefined }

/** Without the keys that are undefined, which JSON does not know. */
export function stated<T>(everything: EveryKey<T>): T {
  return Object.fromEntries(Object.entries(everything).filter(([, value]) => value !== undefined)) as T
}

/** Takes what is left of an object when its keys have been taken from it. Compiles only where nothing is. */
export function nothingLeft(_left: { readonly [key: string]: never }): void {}
