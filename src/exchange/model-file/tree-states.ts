/** What the trainers of trees and forests (cart-*, forest-*, extra-trees-*) keep, as JSON. */

/** Trees of our own: src/training/learners/trees.ts. */
export interface NativeTreesFile {
  readonly engine: 'native'
  /** −1: a leaf. */
  readonly column: readonly number[]
  /** By inner node; null where it looks at categories. */
  readonly threshold: readonly (number | null)[]
  /** By inner node: 1 where the missing go left. */
  readonly missingLeft: readonly number[]
  /** Bits of the categories that go left, hexadecimal. */
  readonly sets: readonly string[]
  /** By leaf, of numbers. */
  readonly values?: readonly number[]
  /** By leaf, of classes: how many classes it has, which, and their weights. */
  readonly leafSizes?: readonly number[]
  readonly leafClasses?: readonly number[]
  readonly leafWeights?: readonly number[]
}

/** A tree of ml-cart: src/training/trainers/cart-tree.ts. */
export interface CartTreeFile {
  readonly column: readonly number[]
  readonly threshold: readonly number[]
  /** The right child; for a leaf its place in `leaves`. */
  readonly right: readonly number[]
  readonly leaves: readonly (readonly number[])[]
}

/** A forest of ml-random-forest. */
export interface CartForestFile {
  readonly trees: readonly CartTreeFile[]
}

export type TreeStates = NativeTreesFile | CartTreeFile | CartForestFile
