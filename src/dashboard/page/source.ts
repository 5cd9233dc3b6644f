/** Where the page has its data from: a live server, or what is inlined in a report. */
import type { Insight, Surface } from '../../analysis/index.js'
import type { ChildRun } from '../../tracking/index.js'
import type {
  Act,
  LiveEvent,
  PageFacts,
  SweepEntry,
  SweepHead,
  TrialSteps,
  TrialTable,
} from '../data/index.js'

export interface LoadedTable {
  readonly head: SweepHead
  readonly table: TrialTable
  /** Where it may be followed on from; null where it cannot. */
  readonly place: string | null
}

export interface Source {
  /** Whether anything can change, and acts may be possible. */
  readonly live: boolean
  facts(): Promise<PageFacts>
  sweeps(): Promise<readonly SweepEntry[]>
  /** Before its table is there. */
  head(sweep: string): Promise<SweepHead>
  table(sweep: string): Promise<LoadedTable>
  /** What a report leaves out of it, in words; null where it is whole. */
  leftOut(sweep: string): Promise<string | null>
  /** @param metric the objective's unless given. Rejects where it is not in a report. */
  insight(sweep: string, metric?: string): Promise<Insight>
  /** null where the record cannot tell. */
  surface(sweep: string, x: string, y: string, metric?: string): Promise<Surface | null>
  /** Of these trials, as far as they are known. */
  steps(sweep: string, trials: readonly number[]): Promise<readonly TrialSteps[]>
  /** Rejects where a report leaves it out. */
  trial(sweep: string, trial: number): Promise<ChildRun>
  /** An address for `href` and `src`; null where a report leaves it out. */
  artifact(run: string, name: string): string | null
  artifactText(run: string, name: string): Promise<string>
  /**
   * Tells of what is new: of all sweeps in short, and of the one that is watched, from its place on. A lost connection is taken
   * up again where it was. Returns how to stop.
   */
  watch(
    watched: { readonly sweep: string; readonly place: string } | null,
    listener: (event: LiveEvent) => void,
    onConnection: (connected: boolean) => void,
  ): () => void
  /** Resolves with what became of it, in a sentence. */
  act(sweep: string, act: Act): Promise<string>
}
