/** What every import says of a search. */
import { betterSide, type Direction, type JsonObject } from '../../values.js'
import type { Path, Told } from './told.js'

/** Trials where the other tool would go on until it is stopped. */
const trials = 50

/** @param limit what the file could have said it by. */
export function usualTrials(limit: string, told: Told): number {
  told.warn(
    [],
    `it has no ${limit}, and would go on until it is stopped; here it ends after ${trials} trials: change "trials", or say --trials`,
  )
  return trials
}

/** The direction as the file has it, which is meant even where it looks for the worst. */
export function meantDirection(metric: string, direction: Direction, path: Path, told: Told): JsonObject {
  const side = betterSide(metric)
  if (side === undefined || side === direction) return { direction }
  told.warn(
    path,
    `the file ${direction}s ${metric}, which looks for the worst; so does the sweep ("directionIsMeant"): write "direction": "${side}" without it if that is not what is meant`,
  )
  return { direction, directionIsMeant: true }
}
