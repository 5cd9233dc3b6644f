/**
 * Which rows are held out when, and, where asked for, a holdout part that no fit sees. A function of the data set, the
 * settings and the seed: the same for every trial of a sweep.
 *
 *   k-fold           every row is held out once, in one of `folds` blocks
 *   repeated-k-fold  the same `repeats` times, dealt anew each time
 *   group-k-fold     k-fold for a data set that has groups
 *   split            one fold: `fraction` of the rows are held out; the last ones, where the data set has a time
 *   time-series      the rows in order of time (else of the file) in folds + 1 blocks: each fold is fitted on the blocks
 *                    up to one of them and holds out the next; the holdout part is the end
 *
 * Rows of one group are never divided, whatever the scheme (group-blocks.ts), nor rows of one time (time-blocks.ts);
 * row-blocks.ts deals the others.
 */
import type { Dataset, RowLayout } from '../../data/index.js'
import type { Resampling } from '../plan.js'
import { groupBlocks } from './group-blocks.js'
import { holdoutMark } from './marks.js'
import { noLayout, planResampling, type ResamplingOptions } from './resampling-options.js'
import { rowBlocks } from './row-blocks.js'
import { timeBlocks } from './time-blocks.js'

/** Throws DATA_INVALID where the data set cannot be divided so. */
export function resample(
  data: Dataset,
  options: ResamplingOptions,
  layout: RowLayout = noLayout,
): Resampling {
  const plan = planResampling(data, options, layout)
  const n = plan.rows
  const { groups, times } = layout
  const { ordered, perRepeat } = plan
  const repeated = ordered
    ? [timeBlocks(times && Float64Array.from(data.index.subarray(0, n), (row) => times[row]), plan)]
    : groups
      ? groupBlocks(
          data,
          Int32Array.from(data.index.subarray(0, n), (row) => groups[row]),
          plan,
        )
      : rowBlocks(data, plan)

  const assignment = new Int32Array(new SharedArrayBuffer(4 * data.rows * repeated.length)).fill(holdoutMark)
  repeated.forEach((blocks, repeat) => {
    assignment.set(blocks, repeat * data.rows)
  })
  return {
    assignment,
    folds: perRepeat * repeated.length,
    repeats: repeated.length,
    trainsOn: ordered ? 'earlier' : 'others',
  }
}

/** Whether there is a holdout part. */
export function hasHoldout(resampling: Resampling): boolean {
  return resampling.assignment.subarray(0, rowsIn(resampling)).includes(holdoutMark)
}

/** A part of the rows. `training`: what a fold is fitted on. `development`: all but the holdout. */
export type RowPart =
  | { readonly kind: 'training'; readonly fold: number }
  | { readonly kind: 'fold'; readonly fold: number }
  | { readonly kind: 'development' }
  | { readonly kind: 'holdout' }

/** Positions (0 … rows − 1 of the data set), ascending, of the rows of a part. */
export function rowsOf(resampling: Resampling, part: RowPart): Int32Array {
  const { assignment, folds, repeats = 1, trainsOn = 'others' } = resampling
  const n = rowsIn(resampling)
  const perRepeat = folds / repeats
  const fold = part.kind === 'training' || part.kind === 'fold' ? part.fold : 0
  const repeat = Math.floor(fold / perRepeat)
  const held = fold % perRepeat
  const blocks = assignment.subarray(repeat * n, (repeat + 1) * n)
  const belongs = (block: number): boolean => {
    switch (part.kind) {
      case 'training':
        if (block === holdoutMark || block === held) return false
        return trainsOn === 'others' || block < held
      case 'fold':
        return block === held
      case 'development':
        return block !== holdoutMark
      case 'holdout':
        return block === holdoutMark
    }
  }
  let count = 0
  for (const block of blocks) if (belongs(block)) count++
  const rows = new Int32Array(count)
  let at = 0
  for (let row = 0; row < n; row++) if (belongs(blocks[row])) rows[at++] = row
  return rows
}

function rowsIn({ assignment, repeats = 1 }: Resampling): number {
  return assignment.length / repeats
}
