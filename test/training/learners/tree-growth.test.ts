import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import { type GrownTree, TreeGrower, type TreeTarget } from '../../../src/training/learners/tree-growth.js'
import type { Matrix } from '../../../src/training/matrix.js'

interface PlainNode {
  readonly column: number
  readonly threshold: number
  readonly rows: number
  readonly missingLeft: boolean
}

/** The tree by its definition: every cut of every column of every node, each time from a sort. Missing values that a node has not seen go to its larger side. */
function plainTree(
  x: Matrix,
  target: TreeTarget,
  weights: Uint32Array | null,
  minSamplesLeaf: number,
  maxDepth: number,
): PlainNode[] {
  const cell = (row: number, column: number) => x.values[row * x.columns + column]
  const weight = (row: number) => weights?.[row] ?? 1
  const nodes: PlainNode[] = []
  const grow = (rows: readonly number[], depth: number): void => {
    const worth = measureOf(rows)
    let best = { score: Number.NEGATIVE_INFINITY, column: -1, threshold: 0, missingLeft: false }
    for (let column = 0; worth !== null && depth < maxDepth && column < x.columns; column++) {
      const missing = rows.filter((row) => Number.isNaN(cell(row, column)))
      const present = rows
        .filter((row) => !Number.isNaN(cell(row, column)))
        .sort((a, b) => cell(a, column) - cell(b, column))
      for (const missingLeft of missing.length > 0 ? [false, true] : [false]) {
        const ends = missingLeft || missing.length === 0 ? present.length - 1 : present.length
        for (let i = 0; i < ends; i++) {
          if (i + 1 < present.length && cell(present[i], column) === cell(present[i + 1], column)) continue
          const size = i + 1 + (missingLeft ? missing.length : 0)
          if (size < minSamplesLeaf || rows.length - size < minSamplesLeaf) continue
          const left = [...present.slice(0, i + 1), ...(missingLeft ? missing : [])]
          const score = worth(left)
          if (score <= best.score) continue
          const [a, b] = [cell(present[i], column), cell(present[i + 1], column)]
          const between = a * 0.5 + b * 0.5
          const threshold = i + 1 === present.length ? Number.MAX_VALUE : between < b ? between : a
          const learned = missing.length > 0 ? missingLeft : size >= rows.length - size
          best = { score, column, threshold, missingLeft: learned }
        }
      }
    }
    const gains = best.column >= 0 && best.score > worth!([]) * (1 + 1e-15)
    nodes.push({
      column: gains ? best.column : -1,
      threshold: gains ? best.threshold : 0,
      rows: rows.length,
      missingLeft: gains && best.missingLeft,
    })
    if (!gains) return
    const goesLeft = (row: number) => {
      const value = cell(row, best.column)
      return Number.isNaN(value) ? best.missingLeft : value <= best.threshold
    }
    grow(rows.filter(goesLeft), depth + 1)
    grow(
      rows.filter((row) => !goesLeft(row)),
      depth + 1,
    )
  }
  /** The score of a split by the rows on its left; null where the node is not to be split. */
  const measureOf = (rows: readonly number[]): ((left: readonly number[]) => number) | null => {
    const all = rows.reduce((sum, row) => sum + weight(row), 0)
    const side = (sum: number, of: number) => (of === 0 ? 0 : sum / of)
    if (target.kind === 'classes') {
      const counted = (some: readonly number[]) => {
        const counts = new Float64Array(target.classes)
        for (const row of some) counts[target.codes[row]] += weight(row)
        return counts
      }
      const total = counted(rows)
      if (total.some((count) => count === all)) return null
      return (left) => {
        const counts = counted(left)
        const onLeft = counts.reduce((sum, count) => sum + count, 0)
        let [squaresL, squaresR] = [0, 0]
        total.forEach((count, c) => {
          squaresL += counts[c] * counts[c]
          squaresR += (count - counts[c]) * (count - counts[c])
        })
        return side(squaresL, onLeft) + side(squaresR, all - onLeft)
      }
    }
    const values = rows.map((row) => target.values[row])
    const [least, greatest] = [Math.min(...values), Math.max(...values)]
    if (least === greatest) return null
    const scale = 2 ** (30 - Math.floor(Math.log2(greatest - least)))
    const centre = least + (greatest - least) * 0.5
    // Halves never come: targets are random.
    const q = (row: number) => Math.round((target.values[row] - centre) * scale)
    const sum = (some: readonly number[]) => some.reduce((total, row) => total + weight(row) * q(row), 0)
    const total = sum(rows)
    return (left) => {
      const onLeft = left.reduce((of, row) => of + weight(row), 0)
      const ofLeft = sum(left)
      const ofRight = total - ofLeft
      return side(ofLeft * ofLeft, onLeft) + side(ofRight * ofRight, all - onLeft)
    }
  }
  grow(
    Array.from({ length: x.rows }, (_, row) => row).filter((row) => weight(row) > 0),
    0,
  )
  return nodes
}

const nodesOf = ({ column, threshold, rows, flags }: GrownTree): PlainNode[] =>
  Array.from(column, (of, i) => ({
    column: of,
    threshold: threshold[i],
    rows: rows[i],
    missingLeft: (flags[i] & 1) === 1,
  }))

describe('a tree by its loops is the one by its definition', () => {
  // Columns of few values are counted, others are put in order; of 700 rows there are blocks within blocks.
  it.each<[classes: number, rows: number, missing: number, weights: number, minSamplesLeaf: number]>([
    [2, 700, 0, 0, 1],
    [2, 400, 0, 3, 1],
    [2, 300, 0, 1000, 1],
    [2, 300, 0.1, 0, 1],
    [3, 500, 0, 0, 4],
    [5, 700, 0, 0, 1],
    [5, 300, 0.1, 3, 1],
    // A column of few values is counted in a block and put in order below it, after blocks within.
    [40, 200, 0, 0, 1],
    [40, 300, 0, 0, 1],
    [40, 400, 0, 0, 1],
    [60, 300, 0, 0, 1],
    [60, 300, 0, 900, 1],
    [300, 350, 0, 0, 1],
    [0, 700, 0, 0, 1],
    [0, 300, 0, 3, 4],
    [0, 300, 0.1, 0, 1],
  ])(
    '%i classes, %i rows, %d missing, weights below %i, leaves of %i',
    async (classes, rows, missing, heaviest, minSamplesLeaf) => {
      const random = randomStream(rows, 'plain trees', classes, missing)
      // Of 2, 9, 60 and any number of values.
      const kinds = [2, 0, 9, 60, 0]
      const columns = kinds.length
      const values = Float64Array.from({ length: rows * columns }, (_, k) => {
        if (random.next() < missing) return Number.NaN
        const kind = kinds[k % columns]
        return kind === 0 ? random.normal() : random.integer(kind)
      })
      const worth = Float64Array.from({ length: rows }, (_, i) => {
        let sum = random.normal() / 3
        for (let j = 0; j < columns; j++) sum += Math.sin((values[i * columns + j] || 0) * (1 + j))
        return sum / 8
      })
      const target: TreeTarget =
        classes === 0
          ? { kind: 'numbers', values: worth }
          : {
              kind: 'classes',
              classes,
              codes: Int32Array.from(worth, (value) =>
                Math.max(0, Math.min(classes - 1, Math.floor((value + 0.5) * classes))),
              ),
            }
      const weights =
        heaviest === 0 ? null : Uint32Array.from({ length: rows }, () => random.integer(heaviest + 1))
      const x = { rows, columns, values }
      const maxDepth = 40
      const grower = new TreeGrower(x, classes)
      const tree = await grower.open(target, weights, classes === 0 ? 'squared-error' : 'gini', (growth) =>
        growth.grow(
          { minSamplesLeaf, randomCuts: false, drawnColumns: 0 },
          { maxDepth, minNumSamples: 1, gainThreshold: 0 },
          1,
          new AbortController().signal,
        ),
      )
      expect(tree.column.length).toBeGreaterThan(20)
      expect(nodesOf(tree)).toEqual(plainTree(x, target, weights, minSamplesLeaf, maxDepth))
    },
  )
})

it('tells values apart that differ in their last bits alone, however they come', async () => {
  const rows = 600
  const random = randomStream(1, 'last bits')
  const order = random.shuffle(Int32Array.from({ length: rows }, (_, i) => i))
  // All 33 upper bits are the same, and the lower ones take every digit.
  const values = Float64Array.from(order, (place) => 1 + place * 12_345 * Number.EPSILON)
  const codes = Int32Array.from(order, (place) => Number(place >= 200))
  const grower = new TreeGrower({ rows, columns: 1, values }, 2)
  const tree = await grower.open({ kind: 'classes', codes, classes: 2 }, null, 'gini', (growth) =>
    growth.grow(
      { minSamplesLeaf: 1, randomCuts: false, drawnColumns: 0 },
      { maxDepth: 40, minNumSamples: 1, gainThreshold: 0 },
      1,
      new AbortController().signal,
    ),
  )
  expect([...tree.rows]).toEqual([600, 200, 400])
  expect(tree.threshold[0]).toBeGreaterThanOrEqual(1 + 199 * 12_345 * Number.EPSILON)
  expect(tree.threshold[0]).toBeLessThan(1 + 200 * 12_345 * Number.EPSILON)
})
