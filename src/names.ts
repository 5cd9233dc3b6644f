/**
 * Names that the record gives to files and tags of its own. Open to all rooms, like values.ts: the trainer may not take
 * the name of a file that the sweep keeps, and the command line shows what the launch room wrote.
 */

/** Files that a sweep keeps beside those of the trainer. */
export const artifactNames = {
  model: 'model.json',
  /** The average of the best trials, with the sweep. */
  ensemble: 'ensemble.json',
  sampleInput: 'sample-input.json',
  /** Out-of-fold predictions of a trial. */
  outOfFold: 'out-of-fold.json',
  /** How much each feature had to do with a kept model. */
  importances: 'importances.json',
  /** Of a sweep: its best trial beside a baseline, and what its out-of-fold predictions are like. */
  judging: 'judging.json',
  /** What a trainer logged and printed; the other where an objective left a file of the first name. */
  log: 'log.txt',
  logBeside: 'espalier-log.txt',
} as const

/** What a program printed, with its trial. */
export const printedNames: readonly string[] = ['stdout.txt', 'stderr.txt']

/** Folders among the checkpoints of a sweep. */
export const checkpointNames = {
  /** Those that stay of trials that have ended. */
  ended: 'ended',
} as const

/** The file that keeps what a session's sources had beside the commit: sessions count from 1. */
export function diffName(session: number): string {
  return session === 1 ? 'git.diff' : `git-session-${session}.diff`
}

export function isDiffName(name: string): boolean {
  return /^git(-session-\d+)?\.diff$/.test(name)
}

/** Tags that Espalier sets. */
export const tagNames = {
  note: 'espalier.note',
  /** Why the final model of a trial is not there. */
  model: 'espalier.model',
  /** What was left out of the record of a trial, and why. */
  leftOut: 'espalier.leftOut',
  /** Why a sweep ended before its last trial. */
  stopped: 'espalier.stopped',
  /** What `reproduce` last said of a run: `equal` or `different`. */
  reproduced: 'espalier.reproduced',
  /** When that was, ISO 8601. */
  reproducedAt: 'espalier.reproducedAt',
  /** The advice that nothing more is to be gained. */
  advice: 'espalier.advice',
  /** Of a sweep that another tool ran: which one, and what it is called there. */
  importedFrom: 'espalier.importedFrom',
  /** SHA-256 of what was imported: the same study is known again by it. */
  importDigest: 'espalier.importDigest',
  /** When that was, ISO 8601. */
  importedAt: 'espalier.importedAt',
} as const
