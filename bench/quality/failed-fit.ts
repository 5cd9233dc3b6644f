import { FitFailure } from '../../src/training/index.js'

/**
 * Whether training failed with these params, as where it diverges. Params that are refused are the bench's fault. A trainer of the
 * library that throws otherwise has a fault, or the installation has (kernels that were not built): counted as a loss it would be the
 * same for all params, and nobody would see why.
 */
export function isFailedFit(error: unknown): boolean {
  return error instanceof FitFailure && error.code !== 'PARAMS_REFUSED' && error.code !== 'TRAINER_THREW'
}
