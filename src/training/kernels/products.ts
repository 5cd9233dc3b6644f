/**
 * The loops of products.as.ts with a memory of their own: what ../learners/products.ts works out, the same bit by bit. Arrays are
 * byte offsets of rows one after the other.
 */
import { type LinearMemory, openWasm } from '../../numeric/index.js'

export interface ProductLoops {
  /** C += A B, for A (rows × inner), B (inner × columns). */
  addProduct(a: number, b: number, c: number, rows: number, inner: number, columns: number): void
  /** C += Aᵀ B, for A (inner × rows), B (inner × columns). */
  addTransposedProduct(a: number, b: number, c: number, rows: number, inner: number, columns: number): void
  /** C = A Bᵀ, for A (rows × inner), B (columns × inner). */
  productTransposedInto(a: number, b: number, c: number, rows: number, inner: number, columns: number): void
}

export function openProducts(): ProductLoops & LinearMemory {
  return openWasm<ProductLoops>('#training-kernels/products')
}
