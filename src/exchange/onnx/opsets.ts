/**
 * Versions of ONNX: which operators of ai.onnx.ml came out with which of ai.onnx, and which version of the file format
 * (https://github.com/onnx/onnx/blob/main/docs/Versioning.md).
 */
import { EspalierError } from '../../errors.js'

/** Answers are the same in all of them; onnxruntime has this one from 1.14 on. */
export const usualOpset = 18
/** ai.onnx.ml 3, with thresholds in doubles, came out with it: ONNX 1.11, onnxruntime 1.11. */
export const leastOpset = 16
/** The newest that what is written here has been run with. */
export const mostOpset = 23

/**
 * The version of ai.onnx.ml that goes with one of ai.onnx. Not 5, in which trees come in another form: that of 3 is as exact (see
 * learners/tree-ensemble.ts), is read by more runtimes, and shares the branches of a split of categories.
 */
export function mlOpsetOf(opset: number): number {
  return opset >= 20 ? 4 : 3
}

export function irVersionOf(opset: number): number {
  return opset >= 23 ? 11 : opset >= 21 ? 10 : opset >= 19 ? 9 : 8
}

/** @throws EspalierError USAGE where nothing is written for that version. */
export function checkOpset(opset: number): number {
  if (Number.isInteger(opset) && opset >= leastOpset && opset <= mostOpset) return opset
  const why =
    opset < leastOpset
      ? `before ${leastOpset}, ONNX has no trees with thresholds in double precision: use a newer runtime (onnxruntime 1.11 or later)`
      : `runtimes read older versions too: leave it out for ${usualOpset}`
  throw new EspalierError(
    'USAGE',
    `the opset of an ONNX file is a whole number from ${leastOpset} to ${mostOpset} (got ${opset}); ${why}`,
  )
}
