/** The loops of ../../kernels/boosting.as.ts, where each is described, and how the records they work on lie in memory. */
import { type LinearMemory, openWasm } from '../../../numeric/index.js'

interface Loops {
  configure(
    countBits: number,
    minRows: number,
    minHessian: number,
    l2: number,
    l1: number,
    minGain: number,
    unitG: number,
    unitH: number,
    withBounds: boolean,
  ): void
  softmax(
    scores: number,
    ld: number,
    rows: number,
    classes: number,
    out: number,
    sums: number,
    highest: number,
  ): void
  sigmoid(scores: number, rows: number, out: number, sums: number): void
  packClass(
    p: number,
    codes: number,
    code: number,
    weights: number,
    rows: number,
    scaleG: number,
    scaleH: number,
    countBits: number,
    out: number,
  ): void
  numberGradients(
    loss: number,
    f: number,
    y: number,
    weights: number,
    rows: number,
    g: number,
    h: number,
  ): void
  absoluteSum(v: number, rows: number): number
  packNumbers(
    g: number,
    h: number,
    rows: number,
    scaleG: number,
    scaleH: number,
    countBits: number,
    out: number,
  ): void
  subtract(parent: number, child: number, total: number): void
  begin(node: number, entries: number, rows: number, count: number): void
  nodeValue(node: number): number
  nodeRows(node: number): number
  findSplit(node: number, histogram: number, records: number, list: number, chosen: number): number
  divide(node: number, left: number, right: number, records: number): void
  addTo(scores: number, rows: number, count: number, value: number): void
  encode(
    values: number,
    rows: number,
    columns: number,
    records: number,
    width: number,
    out: number,
    blockWidth: number,
    blockBytes: number,
  ): void
  sort(values: number, n: number, room: number): void
  crossEntropy(
    scores: number,
    ld: number,
    classes: number,
    codes: number,
    sums: number,
    highest: number,
    rows: number,
    count: number,
  ): number
  lossFactor(): number
  lossFactors(): number
  histogram(
    codes: number,
    blockWidth: number,
    blockBytes: number,
    blocks: number,
    blockCount: number,
    entries: number,
    rows: number,
    count: number,
    out: number,
    total: number,
    list: number,
    chosen: number,
    room: number,
  ): void
  partition(
    codes: number,
    stride: number,
    from: number,
    span: number,
    set: number,
    swap: boolean,
    rows: number,
    count: number,
    room: number,
  ): number
  walk(
    codes: number,
    rowBytes: number,
    rows: number,
    count: number,
    nodes: number,
    values: number,
    sets: boolean,
    scores: number,
  ): void
}

export type BoostingLoops = Loops & LinearMemory

export const openLoops = (): BoostingLoops => openWasm<Loops>('#training-kernels/boosting')

let ofThread: BoostingLoops | null = null

/** Loops that nobody keeps anything in: for work that gives back all memory before it ends, without a turn of the event loop. */
export function threadLoops(): BoostingLoops {
  ofThread ??= openLoops()
  return ofThread
}

/** Bytes of a node's record, and places in it. */
export const nodeRecord = {
  bytes: 128,
  column: 24,
  bin: 28,
  missingLeft: 32,
  leftCount: 36,
  set: 40,
  setBytes: 40,
}

/** i32 of a column's record. */
export const columnRecord = 9
/** Of them the one with the monotone sign. */
export const signPlace = 4

/** u32 of a node to walk. */
export const walkNode = 6

/** Bytes behind the numbers that `sort` is given room for. */
export const sortCounts = 6 * 2048 * 4
