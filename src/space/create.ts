/** Spaces from what a file or a program writes: validated once, here. */
import type { JsonScalar, ParamValue } from '../values.js'
import { readParameters } from './parameters.js'
import { buildSpace } from './space.js'
import type { ConstantJson, FloatJson, IntJson, ListedJson, ParametersJson, Space } from './types.js'
import { spaceError } from './wording.js'

/** The space of these parameters. Throws SPACE_INVALID with every mistake in them. */
export function createSpace(parameters: ParametersJson): Space {
  const read = readParameters(parameters)
  if (read.problems.length > 0) throw spaceError(read.problems)
  return buildSpace(read.parameters)
}

type ValueOf<P> = P extends { readonly type: 'float' | 'int' }
  ? number
  : P extends { readonly type: 'categorical' | 'ordinal'; readonly values: readonly (infer V)[] }
    ? V
    : P extends { readonly type: 'constant'; readonly value: infer V }
      ? V
      : P extends JsonScalar
        ? P
        : ParamValue
type Conditional<P> = { [K in keyof P]: P[K] extends { readonly when: object } ? K : never }[keyof P]
type Simplify<T> = { [K in keyof T]: T[K] }

/** The params of parameters written as a literal: a parameter with a `when` may be absent. */
export type ParamsFrom<P> = Simplify<
  { readonly [K in Exclude<keyof P, Conditional<P>>]: ValueOf<P[K]> } & {
    readonly [K in Conditional<P>]?: ValueOf<P[K]>
  }
>

type Described = FloatJson | IntJson | ListedJson | ConstantJson
/** The keys a parameter of type T can have. */
type KeysOf<T, D = Described> = D extends { readonly type: infer Types }
  ? T extends Types
    ? keyof D
    : never
  : never

/** Makes a key that a parameter of its type does not have an error of the compiler, as it is one of `defineSpace`. */
export type NoStrangers<P> = {
  readonly [K in keyof P]: P[K] extends { readonly type: infer T }
    ? { readonly [Stranger in Exclude<keyof P[K], KeysOf<T>>]?: never }
    : unknown
}

/** A space that knows the types of its params. */
export interface TypedSpace<P extends ParametersJson> extends Space {
  /** The parameters as they were written. */
  readonly definition: P
  decode(point: ArrayLike<number>): ParamsFrom<P>
  centre(): ParamsFrom<P>
  gridCells(): IterableIterator<ParamsFrom<P>>
}

/** `type MyParams = ParamsOf<typeof space>`. */
export type ParamsOf<S> = S extends TypedSpace<infer P> ? ParamsFrom<P> : never

/**
 * The space of parameters written in TypeScript, which types its params:
 * `const space = defineSpace({ k: { type: 'int', min: 1, max: 40 } })`, then `space.decode(point).k` is a number.
 * Throws SPACE_INVALID with every mistake in them.
 */
export function defineSpace<const P extends ParametersJson>(parameters: P & NoStrangers<P>): TypedSpace<P> {
  const space = createSpace(parameters)
  return Object.assign(space, { definition: parameters }) as unknown as TypedSpace<P>
}

/** What holds parameters, with those of a `defineSpace` as they were written; anything else is given back as it is. */
export function withPlainParameters(holder: Readonly<Record<'parameters', unknown>> & object): unknown {
  const parameters = holder?.parameters as Partial<TypedSpace<never>> | undefined
  const isSpace = parameters?.definition !== undefined && 'decode' in parameters
  return isSpace ? { ...holder, parameters: parameters.definition } : holder
}
