/** The Gaussian process by the book, in plain loops: what the fast code is compared with. */
import type { KernelParameters, Layout } from '../../../src/search/gaussian-process/index.js'
import { warp } from '../../../src/search/gaussian-process/index.js'

export type Matrix = number[][]

export function kernelValue(
  layout: Layout,
  p: KernelParameters,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  let r2 = 0
  for (let c = 0; c < layout.dimensions; c++) {
    const i = layout.order[c]
    const l = p.lengthscales[i]
    if (c >= layout.numeric) r2 += a[i] === b[i] ? 0 : 1 / l ** 2
    else r2 += ((warp(p.warps[i], a[i]) - warp(p.warps[i], b[i])) / l) ** 2
  }
  const q = Math.sqrt(5 * r2)
  const matern = (v: number) => (1 + v + v ** 2 / 3) * Math.exp(-v)
  return p.scale * matern(q) + p.roughness * matern(8 * q)
}

export function cholesky(A: Matrix): Matrix {
  const L = A.map((row) => row.map(() => 0))
  for (let i = 0; i < A.length; i++) {
    for (let j = 0; j <= i; j++) {
      let s = A[i][j]
      for (let k = 0; k < j; k++) s -= L[i][k] * L[j][k]
      L[i][j] = i === j ? Math.sqrt(s) : s / L[j][j]
    }
  }
  return L
}

/** A⁻¹b for a positive definite A. */
export function solve(A: Matrix, b: readonly number[]): number[] {
  const L = cholesky(A)
  const x = [...b]
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i] -= L[i][k] * x[k]
    x[i] /= L[i][i]
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i] -= L[k][i] * x[k]
    x[i] /= L[i][i]
  }
  return x
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, v, i) => sum + v * b[i], 0)
}
