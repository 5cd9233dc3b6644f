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
  packNumbers(g: number, h: number, rows: number, scaleG: number, scaleH: number, out: number): void
  subtract(parent: number, child: number, total: number): void
  begin(node: number, entries: number, rows: number, count: number): void
  nodeValue(node: number): number
  nodeRows(node: number): number
  findSplit(node: number, histogram: number, records: number, list: number, chosen: number): number
  divide(node: number, left: number, right: number, records: number): void
  addTo(scores: number, rows: number, count: number, value: number): void
  encode16: Encode
  encode32: Encode
  histogram16: Histogram
  histogram32: Histogram
  partition16: Partition
  partition32: Partition
  walk16: Walk
  walk32: Walk
}

type Encode = (
  values: number,
  rows: number,
  columns: number,
  records: number,
  width: number,
  out: number,
) => void

type Histogram = (
  codes: number,
  width: number,
  entries: number,
  rows: number,
  count: number,
  histogram: number,
  total: number,
  list: number,
  chosen: number,
) => void

type Partition = (
  codes: number,
  width: number,
  column: number,
  from: number,
  span: number,
  set: number,
  swap: boolean,
  rows: number,
  count: number,
  room: number,
) => number

type Walk = (
  codes: number,
  width: number,
  rows: number,
  count: number,
  nodes: number,
  values: number,
  sets: boolean,
  scores: number,
) => void

export type BoostingLoops = Loops & LinearMemory

export const openLoops = (): BoostingLoops => openWasm<Loops>('#training-kernels/boosting')

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
export const columnRecord = 8
/** Of them the one with the monotone sign. */
export const signPlace = 4

/** u32 of a node to walk. */
export const walkNode = 6
