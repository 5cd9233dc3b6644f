/**
 * Products of row-major matrices, added to an output that is given. Rows are combined four at a time, so that an
 * output entry is loaded and stored once for four multiplications; the order of additions is fixed.
 *
 * A (rows × inner), B (inner × columns), C (rows × columns); names say which factor is transposed.
 */

/** C += A B. */
export function addProduct(
  a: Float64Array,
  b: Float64Array,
  bStart: number,
  c: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): void {
  const whole = inner - (inner % 4)
  for (let i = 0; i < rows; i++) {
    const to = i * columns
    const from = i * inner
    for (let k = 0; k < whole; k += 4) {
      const a0 = a[from + k]
      const a1 = a[from + k + 1]
      const a2 = a[from + k + 2]
      const a3 = a[from + k + 3]
      if (a0 === 0 && a1 === 0 && a2 === 0 && a3 === 0) continue
      const b0 = bStart + k * columns
      const b1 = b0 + columns
      const b2 = b1 + columns
      const b3 = b2 + columns
      for (let j = 0; j < columns; j++) {
        c[to + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + a2 * b[b2 + j] + a3 * b[b3 + j]
      }
    }
    for (let k = whole; k < inner; k++) {
      const a0 = a[from + k]
      const b0 = bStart + k * columns
      for (let j = 0; j < columns; j++) c[to + j] += a0 * b[b0 + j]
    }
  }
}

/** C += Aᵀ B, for A (inner × rows): gradients of weights. C begins at `cStart`. */
export function addTransposedProduct(
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  cStart: number,
  rows: number,
  inner: number,
  columns: number,
): void {
  const whole = inner - (inner % 4)
  for (let k = 0; k < whole; k += 4) {
    const b0 = k * columns
    const b1 = b0 + columns
    const b2 = b1 + columns
    const b3 = b2 + columns
    for (let i = 0; i < rows; i++) {
      const a0 = a[k * rows + i]
      const a1 = a[(k + 1) * rows + i]
      const a2 = a[(k + 2) * rows + i]
      const a3 = a[(k + 3) * rows + i]
      if (a0 === 0 && a1 === 0 && a2 === 0 && a3 === 0) continue
      const to = cStart + i * columns
      for (let j = 0; j < columns; j++) {
        c[to + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + a2 * b[b2 + j] + a3 * b[b3 + j]
      }
    }
  }
  for (let k = whole; k < inner; k++) {
    for (let i = 0; i < rows; i++) {
      const a0 = a[k * rows + i]
      const to = cStart + i * columns
      for (let j = 0; j < columns; j++) c[to + j] += a0 * b[k * columns + j]
    }
  }
}

/** C = A Bᵀ, for B (columns × inner) from `bStart`: what a layer passes back. */
export function productTransposedInto(
  a: Float64Array,
  b: Float64Array,
  bStart: number,
  c: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): void {
  const whole = columns - (columns % 4)
  for (let i = 0; i < rows; i++) {
    const from = i * inner
    const to = i * columns
    for (let j = 0; j < whole; j += 4) {
      const b0 = bStart + j * inner
      const b1 = b0 + inner
      const b2 = b1 + inner
      const b3 = b2 + inner
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      for (let k = 0; k < inner; k++) {
        const value = a[from + k]
        s0 += value * b[b0 + k]
        s1 += value * b[b1 + k]
        s2 += value * b[b2 + k]
        s3 += value * b[b3 + k]
      }
      c[to + j] = s0
      c[to + j + 1] = s1
      c[to + j + 2] = s2
      c[to + j + 3] = s3
    }
    for (let j = whole; j < columns; j++) {
      let sum = 0
      for (let k = 0; k < inner; k++) sum += a[from + k] * b[bStart + j * inner + k]
      c[to + j] = sum
    }
  }
}
