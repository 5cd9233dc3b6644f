/** What stands in `Resampling.assignment` instead of the number of a block. */

/** The row is in the holdout part. */
export const holdoutMark = -1
/** The row is fitted on in every fold. */
export const alwaysMark = -2
