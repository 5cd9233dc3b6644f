/**
 * What a run holds. A sweep is a parent run, a trial is a child run (MLflow's words map one to one:
 * experiment, run, mlflow.parentRunId, params, metrics, tags, artifacts, dataset digest).
 * This room imports nothing of the others: it records plain JSON.
 */
import type {
  Direction,
  JsonObject,
  JsonValue,
  MetricObjective,
  Metrics,
  Objectives,
  OutcomeStatus,
  Params,
  Values,
} from '../values.js'
import type { Act, AnsweredRequest, AskedRequest, RequestAnswer } from './acts.js'
import type {
  FitWorker,
  LostWorker,
  SessionConditions,
  StartConditions,
  TrialConditions,
} from './conditions.js'
import type {
  FailedOutcome,
  FinishedOutcome,
  Histories,
  PrunedOutcome,
  RunError,
  TrialOutcome,
} from './outcome.js'
import type { Person } from './who.js'

export type * from './conditions.js'
export type * from './outcome.js'
export type { Act, AnsweredRequest, AskedRequest, Person, RequestAnswer }

/** How a run is, or how it ended; `interrupted` sweeps can be resumed. */
export type RunStatus = 'running' | OutcomeStatus | 'interrupted'

/** A file kept with a run. */
export interface Artifact {
  /** `model.json`, `sample-input.json`: relative to the run's artifact folder. */
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** A trial that was deleted from its sweep. */
export interface DeletedTrial {
  readonly trial: number
  /** ISO 8601, UTC; null where an earlier version of Espalier deleted it. */
  readonly at: string | null
  readonly by: Person | null
}

/** One attempt of a trial that did not finish it: retried after a failure, or cut off by a crash. */
export interface Attempt {
  readonly attempt: number
  readonly started: string
  readonly ended: string | null
  readonly error: RunError | null
  /**
   * How it failed where it had gone on from a checkpoint and came to none that is newer: `error` is null then, the failure counts as
   * none, and the next attempt started from the beginning.
   */
  readonly inVain?: RunError
}

interface TrialFacts {
  readonly kind: 'trial'
  readonly id: string
  readonly parent: string
  readonly experiment: string
  /** `trial 12` */
  readonly name: string
  readonly trial: number
  /** ISO 8601, UTC. */
  readonly started: string
  readonly params: Params
  readonly tags: Readonly<Record<string, string>>
  readonly artifacts: readonly Artifact[]
  readonly attempts: readonly Attempt[]
  /** Seed, trial number, origin of the suggestion, and what else differs between trials. The rest stands in the parent. */
  readonly conditions: TrialConditions
}

/** What a trial that has no outcome yet has come to. */
interface Underway {
  readonly status: 'running' | 'interrupted'
  readonly ended: null
  readonly value: null
  readonly values: Values
  readonly metrics: Metrics
  /** Each metric's history by step. */
  readonly history: Histories
  readonly error: null
  /** The seats at which its fits run. */
  readonly seats: readonly number[]
  /** Of fits that run on other machines: who has each of those seats. */
  readonly workers?: readonly (FitWorker | null)[]
  /** Workers on other machines that vanished while they had fits of this attempt. */
  readonly lost?: readonly LostWorker[]
  /** The end of what it has printed and logged so far. */
  readonly output: readonly string[]
}

/** What has come of a trial while it runs, since it was told of last. */
export interface TrialProgress {
  /** Further steps of each metric. */
  readonly history?: Histories
  /** The seats at which its fits run now. */
  readonly seats?: readonly number[]
  /** Who has each of those seats, where any is on another machine; told together with them. */
  readonly workers?: readonly (FitWorker | null)[]
  /** Further workers that vanished while they had fits of it; told together with the seats. */
  readonly lost?: readonly LostWorker[]
  /** Further lines that it printed or logged. */
  readonly output?: readonly string[]
}

/** A trial that has an outcome: `values` by objective, and `value`, the first objective's. */
export type EndedTrial = TrialFacts & { readonly ended: string } & (
    | (FinishedOutcome & { readonly value: number })
    | (PrunedOutcome & { readonly value: number | null })
    | (FailedOutcome & { readonly value: null })
  )

/** The record of a trial. */
export type ChildRun = (TrialFacts & Underway) | EndedTrial

/** The record of a sweep. */
export interface ParentRun {
  readonly kind: 'sweep'
  readonly id: string
  readonly experiment: string
  readonly name: string
  readonly status: RunStatus
  readonly started: string
  readonly ended: string | null
  readonly objectives: Objectives
  /** The first of them. */
  readonly objective: MetricObjective
  /** Counts of child runs by outcome. */
  readonly trials: {
    readonly finished: number
    readonly pruned: number
    readonly failed: number
    readonly running: number
  }
  /** The best finished child so far: first by value, then by trial number. */
  readonly best: { readonly run: string; readonly trial: number; readonly value: number } | null
  readonly metrics: Metrics
  readonly tags: Readonly<Record<string, string>>
  readonly artifacts: readonly Artifact[]
  readonly error: RunError | null
  /** Everything the sweep was asked to do, complete enough to run it again. */
  readonly spec: JsonObject
  /** Versions, machine, data digest, git, command line. One entry for each time the sweep was started or resumed. */
  readonly sessions: readonly Session[]
  /** Trials that were deleted, in that order. */
  readonly deleted: readonly DeletedTrial[]
  /** What was asked of it while it ran, and what became of that, in the order of the answers. */
  readonly requests: readonly AnsweredRequest[]
}

/** One start of a sweep. */
export interface Session {
  readonly started: string
  /** Trials that had ended when it began; null where that is not known any more. */
  readonly done: number | null
  readonly conditions: SessionConditions
}

/** A sweep or a trial, as its `kind` says. */
export type Run = ParentRun | ChildRun

/**
 * What a sweep that is being run writes through. One writer a sweep; every call is on disk when its promise resolves
 * (`trialStarted` in the file, so that it survives the process; it reaches the disk with the next call).
 * Throws STORE_WRITE_FAILED when the disk does not take a record, and from then on: resume the sweep.
 *
 * `at`: when it happened, ISO 8601 in UTC, where that was not now: of trials that ran elsewhere and are recorded afterwards.
 */
export interface SweepWriter {
  readonly id: string
  /** The child run's id: a function of the parent's id and the trial number. */
  childId(trial: number): string
  /** A trial was suggested and is about to run. Need not be waited for. */
  trialStarted(start: {
    trial: number
    params: Params
    conditions: StartConditions
    attempt: number
    at?: string
  }): Promise<void>
  /**
   * What a running trial comes to, for those who watch: in the file within a second or so, many reports in one line, and
   * never waited for. Its end holds all of it again, so what has not been written by then is not written at all.
   */
  trialProgress(trial: number, progress: TrialProgress): void
  /** An attempt ended without ending the trial: it will be tried again. */
  attemptFailed(failure: {
    trial: number
    attempt: number
    error: RunError
    /** It had gone on from a checkpoint and came to none that is newer: it counts as no failure of the trial's. */
    inVain?: boolean
  }): Promise<void>
  /** A trial ended. On disk when the promise resolves: only then may the search hear of it. */
  trialEnded(
    end: TrialOutcome & { trial: number; tags?: Readonly<Record<string, string>>; at?: string },
  ): Promise<void>
  /** Writes a file into a run's artifact folder (the parent's own where `trial` is null) and records it. */
  artifact(trial: number | null, name: string, content: Uint8Array | string): Promise<Artifact>
  /** Adds to a run after its end: metrics, tags (the holdout value, the mark of the best). null takes one away. */
  annotate(
    trial: number | null,
    what: {
      metrics?: Readonly<Record<string, number | null>>
      tags?: Readonly<Record<string, string | null>>
      conditions?: TrialConditions | SessionConditions
    },
  ): Promise<void>
  /**
   * From now on, until it is finished, what is asked of the sweep from outside is looked for and put on record. Tags and notes are
   * the record's own affair; on all else `decide` rules, one request after the other.
   */
  heed(decide: (request: AskedRequest, before: boolean) => Ruling): void
  /** Ends this session of the sweep and lets go of the lock. */
  finish(end: {
    status: 'finished' | 'failed' | 'interrupted'
    error?: RunError | null
    metrics?: Metrics
    tags?: Readonly<Record<string, string | null>>
    at?: string
  }): Promise<void>
}

/**
 * What is to be done about a request. It is on record before anything that is recorded after `decide` has returned it, so that
 * what follows from it can be begun at once.
 */
export interface Ruling extends Pick<AnsweredRequest, 'outcome' | 'message' | 'trial'> {
  /** The act as it is recorded, where that says more than what was asked. */
  readonly act?: Act
  /** Entries of the sweep's spec that are others from now on. */
  readonly spec?: JsonObject
  /** Told when it is on the disk. */
  onRecorded?(request: AnsweredRequest): void
}

/** How far the record of a sweep has been followed: plain JSON, to be kept and handed back as it is. */
export interface FollowPlace {
  readonly generation: number
  readonly bytes: number
  readonly lines: number
  readonly crc: string
}

type OfTrial<Kind, More> = {
  readonly kind: Kind
  readonly trial: number
  readonly run: string
} & Readonly<More>
type Tags = Readonly<Record<string, string>>

/** Something that was put on the record of a sweep. `run` is the id of the trial's run, `at` is ISO 8601. */
export type SweepUpdate =
  /** The sweep as it was when its record began, or when it was written anew. */
  | { readonly kind: 'sweep'; readonly run: ParentRun }
  /** A trial whole, where the record was written anew. */
  | { readonly kind: 'trial'; readonly run: ChildRun }
  /** The sweep goes on in another process. Trials that ran until then begin anew. */
  | { readonly kind: 'session'; readonly at: string }
  | OfTrial<'started', { at: string; attempt: number; params: Params; conditions: StartConditions }>
  /** Steps, seats and output of a running trial since its last update. */
  | OfTrial<'progress', { at: string } & TrialProgress>
  | OfTrial<'attempt-failed', { at: string; attempt: number; error: RunError; inVain?: boolean }>
  /** Its history holds all steps again. */
  | OfTrial<'ended', { at: string; tags?: Tags } & TrialOutcome>
  /** Of the sweep itself where `trial` is null. */
  | { readonly kind: 'artifact'; readonly trial: number | null; readonly artifact: Artifact }
  /** Added later, or taken away (null). */
  | {
      readonly kind: 'annotated'
      readonly trial: number | null
      readonly metrics?: Readonly<Record<string, number | null>>
      readonly tags?: Readonly<Record<string, string | null>>
      readonly conditions?: TrialConditions | SessionConditions
    }
  | OfTrial<'deleted', object>
  /** Something was asked of the sweep. `spec`: entries of its spec that are others from then on. */
  | { readonly kind: 'asked'; readonly request: AnsweredRequest; readonly spec?: JsonObject }
  | {
      readonly kind: 'finished'
      readonly at: string
      readonly status: 'finished' | 'failed' | 'interrupted'
      readonly error: RunError | null
      readonly metrics?: Metrics
      readonly tags?: Readonly<Record<string, string | null>>
    }

/** What is new on the record of a sweep. */
export interface Followed {
  /** In the order in which it was recorded. */
  readonly updates: readonly SweepUpdate[]
  /** To follow on from. */
  readonly place: FollowPlace
  /** The record was written anew since the place given: forget what is known of it, these updates tell it all. */
  readonly again: boolean
  /** Whether a process that lives is writing the sweep. */
  readonly live: boolean
}

/** Which runs are meant, all of it optional. */
export interface RunFilter {
  readonly experiment?: string
  /** Id or unique prefix of a parent run. */
  readonly sweep?: string
  readonly status?: RunStatus
}

/** A choice of runs. The language of `where` and `orderBy` is described in query/index.ts. */
export interface RunQuery extends RunFilter {
  /** `metrics.accuracy > 0.9 and params.k < 10` */
  readonly where?: string
  /** `metrics.accuracy desc, trial` */
  readonly orderBy?: string
  readonly limit?: number
}

/** `experiment`, `sweep` and `status` choose among sweeps. */
export interface BestFilter extends RunFilter {
  /** The objective's metric unless stated. */
  readonly metric?: string
  /**
   * The sweeps' own direction unless stated, and of a metric they do not optimise its better side; needed where sweeps disagree,
   * or nobody knows which side that is.
   */
  readonly direction?: Direction
}

export interface WatchOptions {
  readonly place?: FollowPlace | null
  readonly signal?: AbortSignal
  /** ms between two looks at the record; 250 unless stated. */
  readonly every?: number
}

export interface AskOptions {
  /** Who asks; the user of this process unless stated. */
  readonly by?: Person
  /** Aborted: what is not taken up yet is taken back. */
  readonly signal?: AbortSignal
  /** ms that the process that holds the sweep has to take it up; 10,000 unless stated. */
  readonly patience?: number
}

export interface Store {
  readonly directory: string
  /** Makes a new sweep (parent run) and holds it for writing. `id`: 16 hexadecimal digits that no run has; new ones unless given. */
  createSweep(sweep: {
    experiment: string
    name: string
    objectives: Objectives
    spec: JsonObject
    conditions: SessionConditions
    tags?: Readonly<Record<string, string>>
    id?: string
    /** When it began, if not now. */
    at?: string
  }): Promise<SweepWriter>
  /** Takes up an unfinished (or finished, to extend it) sweep for writing again: records a new session. */
  resumeSweep(id: string, session: { conditions: SessionConditions; spec?: JsonObject }): Promise<SweepWriter>
  experiments(): Promise<readonly { id: string; name: string; sweeps: number }[]>
  /** Parent runs, newest first unless ordered otherwise. Throws QUERY_INVALID for a mistake in `where` or `orderBy`. */
  sweeps(query?: RunQuery): Promise<readonly ParentRun[]>
  /** Child runs of one sweep, in trial order. */
  trials(sweep: string): Promise<readonly ChildRun[]>
  /**
   * Child runs of all sweeps that `experiment` and `sweep` choose: those of the newest sweep first, in trial order,
   * unless ordered otherwise. `status` is that of the child runs.
   */
  runs(query?: RunQuery): Promise<readonly ChildRun[]>
  /** Runs side by side, with what differs marked. */
  compare(ids: readonly string[]): Promise<Comparison>
  /** The child runs that a query chooses, as CSV with a header or as a JSON array of flat objects. */
  exportRuns(query: RunQuery, format: 'csv' | 'json'): Promise<string>
  /** A run by its id or a unique prefix of it. Throws RUN_UNKNOWN or RUN_AMBIGUOUS. */
  run(id: string): Promise<Run>
  /**
   * The best finished child run: by value, of equal ones the one of the older sweep, then the lower trial number.
   * Throws RUN_NONE when there is none, USAGE where sweeps disagree about what is better.
   */
  bestRun(filter?: BestFilter): Promise<ChildRun>
  /**
   * Reads an artifact and verifies its digest. Given the run itself, one file is read and nothing else; an id or
   * unique prefix is looked up among all sweeps first.
   */
  readArtifact(run: Run | string, name: string): Promise<Uint8Array>
  /** Where an artifact lies. By id or unique prefix, it is looked up among the runs that have artifacts. */
  artifactPath(run: Run | string, name: string): string
  /**
   * What is new on the record of a sweep since a place that an earlier call gave; all of it without one. Reads no more
   * than that. Throws RUN_UNKNOWN where there is no such sweep.
   */
  follow(sweep: string, place?: FollowPlace | null): Promise<Followed>
  /**
   * The same again and again, each time there is something new, until nobody writes the sweep any more or the signal
   * aborts. The first comes at once, with all there is since the place.
   */
  watch(sweep: string, options?: WatchOptions): AsyncIterable<Followed>
  /** Deletes a run with its children and artifacts. Refused while it is running. */
  delete(id: string): Promise<void>
  /** Sets tags of a run, or takes them away (null). Not while another process writes its sweep. */
  tag(id: string, tags: Readonly<Record<string, string | null>>): Promise<void>
  /** Sets the note of a run (its tag `espalier.note`); an empty one takes it away. */
  note(id: string, text: string): Promise<void>
  /**
   * Asks something of a sweep, and waits for what becomes of it. A sweep that runs is asked through the process that holds it, which
   * may be another one; one that nobody holds is tagged and noted at once, and refuses all else. What was asked, by whom and
   * when stands on its record (`requests`). Throws USAGE for what cannot be asked, RUN_UNKNOWN, STORE_WRITE_FAILED.
   */
  ask(sweep: string, act: Act, options?: AskOptions): Promise<RequestAnswer>
  /** What was found and passed over so far: half a record after a crash, a sweep that cannot be read, a foreign file. */
  readonly warnings: readonly string[]
}

/** Runs side by side. */
export interface Comparison {
  readonly runs: readonly Run[]
  /** What a run is, then its params, its metrics, its tags. */
  readonly fields: readonly ComparedField[]
}

/** One field of several runs. */
export interface ComparedField {
  /** `params.k`, `metrics.accuracy`, `status` … */
  readonly field: string
  /** One for each run, in the order asked for; undefined where a run has none. */
  readonly values: readonly (JsonValue | undefined)[]
  readonly differs: boolean
}

export type { JsonValue }

/** Which sweeps are pruned: those of which all that is given is true. */
export interface PruneFilter {
  readonly experiment?: string
  readonly status?: 'finished' | 'failed' | 'interrupted'
  /** Milliseconds since they ended, or began where they did not end. */
  readonly olderThan?: number
  /** Only among these, by whole ids. */
  readonly sweeps?: readonly string[]
}

/** A sweep that was pruned, or would be. */
export interface PrunedSweep {
  readonly run: ParentRun
  /** What that frees. */
  readonly bytes: number
}
