/** The loops of trees.as.ts, where they are described. Pointers are byte offsets into the memory of their instance; bool is 0 or 1. */
export interface TreeLoops {
  rankColumn(
    x: number,
    n: number,
    most: number,
    codes: number,
    low: number,
    high: number,
    keys: number,
    places: number,
    counts: number,
  ): number
  /** Rows without a value, of the column ranked last. */
  missingOfColumn(): number
  bootstrap(n: number, seed: number, given: number, weights: number): void
  placeColumns(n: number, columns: number, codes: number, about: number): void
  placeTarget(classes: number, target: number, weights: number): void
  placeScratch(...offsets: number[]): void
  placeNodes(...offsets: number[]): void
  begin(
    seed: number,
    byEntropy: number,
    randomCut: number,
    drawnColumns: number,
    depth: number,
    unsplit: number,
    smallestLeaf: number,
    gain: number,
  ): number
  grow(budget: bigint, setRoom: number, greatestSet: number): number
  nodesGrown(): number
  leavesGrown(): number
  leafEntriesGrown(): number
  setBytesGrown(): number
  walk(tree: number, x: number, count: number, width: number, out: number): void
  walkAny(tree: number, x: number, count: number, width: number, firstSet: number, out: number): void
  addShares(
    leaf: number,
    count: number,
    ends: number,
    which: number,
    shares: number,
    width: number,
    out: number,
  ): void
  addNumbers(leaf: number, count: number, numbers: number, out: number): void
}
