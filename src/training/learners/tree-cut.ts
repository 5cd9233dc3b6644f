/**
 * A tree cut back to limits narrower than those it was grown to: bit for bit what growing it to them would have given, because what is
 * done at a node depends on its rows alone. And the pruning of what is left by cost and complexity (Breiman et al. 1984, 3.3).
 *
 *   R_t = W_t / W · impurity_t / impurity_root       T(α): the smallest tree with the least  Σ_leaves (R_t + α)
 *
 * found from the leaves up: a node becomes a leaf where R_t + α is no more than what its two parts cost together.
 */
import type { GrownTree, TreeLimits } from './tree-growth.js'
import { isSet } from './tree-growth.js'
import type { TreeParts } from './trees.js'

/** The tree within these limits, pruned with `alpha`; its gains are added to `importances`, by column, as shares of the root's weight. */
export function cutTree(
  tree: GrownTree,
  limits: TreeLimits,
  alpha: number,
  importances: Float64Array,
): TreeParts {
  const end = ends(tree)
  const isLeaf = leavesWithin(tree, limits, end)
  if (alpha > 0) prune(tree, alpha, end, isLeaf)
  return gather(tree, end, isLeaf, importances)
}

/** The tree as it was grown; its gains are added to `importances` as those of a tree that is cut. */
export function wholeTree(tree: GrownTree, importances: Float64Array): TreeParts {
  const { column, weight, gain, value } = tree
  const leafValue = new Float64Array(value === null ? 0 : (column.length + 1) / 2)
  let leaf = 0
  for (let node = 0; node < column.length; node++) {
    if (column[node] >= 0) importances[column[node]] += (weight[node] / weight[0]) * gain[node]
    else if (value !== null) leafValue[leaf++] = value[node]
  }
  const { threshold, right, flags, leafEnd, leafClass, leafWeight, sets } = tree
  return { column, threshold, right, flags, leafValue, leafEnd, leafClass, leafWeight, sets }
}

/** Behind the last node of the part below each node. */
function ends({ column, right }: GrownTree): Int32Array {
  const end = new Int32Array(column.length)
  for (let node = column.length - 1; node >= 0; node--) {
    end[node] = column[node] < 0 ? node + 1 : end[right[node]]
  }
  return end
}

/** 1: a leaf within the limits. Nodes below such a leaf do not matter. */
function leavesWithin(
  { column, right, rows, gain }: GrownTree,
  { maxDepth, minNumSamples, gainThreshold }: TreeLimits,
  end: Int32Array,
): Uint8Array {
  const isLeaf = new Uint8Array(column.length)
  const depth = new Int32Array(column.length)
  for (let node = 0; node < column.length; ) {
    if (
      column[node] < 0 ||
      depth[node] >= maxDepth ||
      rows[node] <= minNumSamples ||
      (gainThreshold >= 0 && !(gain[node] > gainThreshold))
    ) {
      isLeaf[node] = 1
      node = end[node]
      continue
    }
    depth[node + 1] = depth[node] + 1
    depth[right[node]] = depth[node] + 1
    node++
  }
  return isLeaf
}

function prune(
  { right, weight, impurity }: GrownTree,
  alpha: number,
  end: Int32Array,
  isLeaf: Uint8Array,
): void {
  const kept: number[] = []
  for (let node = 0; node < isLeaf.length; node = isLeaf[node] === 1 ? end[node] : node + 1) kept.push(node)
  const cost = new Float64Array(isLeaf.length)
  for (let k = kept.length - 1; k >= 0; k--) {
    const node = kept[k]
    const alone = (weight[node] / weight[0]) * (impurity[0] > 0 ? impurity[node] / impurity[0] : 0) + alpha
    const parts = isLeaf[node] === 1 ? alone : cost[node + 1] + cost[right[node]]
    if (alone <= parts) isLeaf[node] = 1
    cost[node] = Math.min(alone, parts)
  }
}

function gather(tree: GrownTree, end: Int32Array, isLeaf: Uint8Array, importances: Float64Array): TreeParts {
  const { column, threshold, right, flags, weight, gain, value, leafEnd, leafClass, leafWeight } = tree
  let nodes = 0
  let leaves = 0
  for (let node = 0; node < isLeaf.length; node = isLeaf[node] === 1 ? end[node] : node + 1) {
    nodes++
    leaves += isLeaf[node]
  }
  const parts = {
    column: new Int32Array(nodes),
    threshold: new Float64Array(nodes),
    right: new Int32Array(nodes),
    flags: new Uint8Array(nodes),
    leafValue: new Float64Array(value === null ? 0 : leaves),
    leafEnd: new Uint32Array(value === null ? leaves : 0),
  }
  const classOut: number[] = []
  const weightOut: number[] = []
  const sets: Uint8Array[] = []
  // Grown nodes wait for their right part with the place where it is written down.
  const waiting: { node: number; place: number }[] = []
  const sums = new Map<number, number>()
  let at = 0
  let leaf = 0
  // Leaves of the grown tree that lie before the node.
  let leavesBefore = 0
  let setByte = 0
  for (let node = 0; node < column.length; at++) {
    const parent = waiting.at(-1)
    if (parent !== undefined && right[parent.node] === node) {
      parts.right[parent.place] = at
      waiting.pop()
    }
    if (isLeaf[node] === 0) {
      parts.column[at] = column[node]
      parts.flags[at] = flags[node]
      parts.threshold[at] = threshold[node]
      if (flags[node] & isSet) {
        const bits = setOf(tree, node)
        parts.threshold[at] = setByte
        setByte += bits.length
        sets.push(bits)
      }
      importances[column[node]] += (weight[node] / weight[0]) * gain[node]
      waiting.push({ node, place: at })
      node++
      continue
    }
    parts.column[at] = -1
    if (value !== null) parts.leafValue[leaf] = value[node]
    else {
      const until = leavesBefore + ((end[node] - node + 1) >> 1)
      const from = leavesBefore === 0 ? 0 : leafEnd[leavesBefore - 1]
      if (until === leavesBefore + 1) {
        for (let k = from; k < leafEnd[leavesBefore]; k++) {
          classOut.push(leafClass[k])
          weightOut.push(leafWeight[k])
        }
      } else {
        sums.clear()
        for (let k = from; k < leafEnd[until - 1]; k++)
          sums.set(leafClass[k], (sums.get(leafClass[k]) ?? 0) + leafWeight[k])
        for (const [of, sum] of [...sums].sort(([a], [b]) => a - b)) {
          classOut.push(of)
          weightOut.push(sum)
        }
      }
      parts.leafEnd[leaf] = classOut.length
      leavesBefore = until
    }
    leaf++
    node = end[node]
  }
  const joined = new Uint8Array(setByte)
  let from = 0
  for (const bits of sets) {
    joined.set(bits, from)
    from += bits.length
  }
  return {
    ...parts,
    leafClass: Uint32Array.from(classOut),
    leafWeight: Uint32Array.from(weightOut),
    sets: joined,
  }
}

/** The bits of a grown node's set: up to where the next one's begin. */
function setOf({ column, flags, threshold, sets }: GrownTree, node: number): Uint8Array {
  let next = node + 1
  while (next < column.length && !(flags[next] & isSet)) next++
  return sets.subarray(threshold[node], next < column.length ? threshold[next] : sets.length)
}
