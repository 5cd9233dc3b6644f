/**
 * One sweep that is followed: its table and what else the page shows of it, as of a place of its record, and what is new since
 * another place. One thing is done at a time, so that nothing is told twice or left out between a look and the next.
 */
import type { Judging } from '../../launch/index.js'
import { judgingOf } from '../../launch/judging-record.js'
import { artifactNames } from '../../names.js'
import {
  type ChildRun,
  childIdOf,
  type FollowPlace,
  type ParentRun,
  type RunStore,
  type SweepFollower,
} from '../../tracking/index.js'
import type { LiveEvent, SweepHead, TrialSteps } from '../data/index.js'
import { Changes } from './changes.js'
import { headOf } from './head.js'
import { type Searched, searchedParameters } from './parameters.js'
import { placeText } from './place.js'
import { Trials } from './trials.js'

/** Bytes of a record of which somebody is told one by one what they say; beyond, the table is read again. */
const mostToCatchUp = 4 << 20

type Told = Extract<LiveEvent, { type: 'trials' | 'again' }>

type Listener = (told: Told, place: string) => void

/** A sweep and its trials as of one place. */
interface Known {
  readonly run: ParentRun
  readonly searched: Searched
  readonly trials: Trials
  readonly judging: Judging | null
  readonly place: FollowPlace
}

export class FollowedSweep {
  readonly id: string
  readonly #store: RunStore
  #follower: SweepFollower
  #trials: Trials | null = null
  #known: Known | null = null
  #live = false
  #turn: Promise<unknown> = Promise.resolve()
  readonly #listeners = new Set<Listener>()

  constructor(store: RunStore, id: string) {
    this.#store = store
    this.id = id
    this.#follower = store.follower(id)
  }

  /** As of the last look; null before the first, and where the sweep is gone. */
  get known(): Known | null {
    return this.#known
  }

  /** How far it has been followed; empty where there is nothing to follow. */
  get place(): string {
    return this.#known === null ? '' : placeText(this.#known.place)
  }

  get head(): SweepHead | null {
    if (this.#known === null) return null
    const { run, searched, trials, judging } = this.#known
    return headOf(run, searched, trials.table, judging, trials.workers.list())
  }

  /** Whether somebody is told of what is new. */
  get isWatched(): boolean {
    return this.#listeners.size > 0
  }

  /** Looks what is new, tells those who watch, and does something before the next look. */
  after<T>(act: () => T | Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      const told = await this.#look()
      if (told !== null) for (const listener of this.#listeners) listener(told, this.place)
      return act()
    })
    this.#turn = turn.catch(() => {})
    return turn
  }

  /**
   * Tells what is new since a place at once, and from then on what each look finds. The place comes with it, as a text.
   * @returns how to stop.
   */
  watch(place: FollowPlace | null, listener: Listener): Promise<() => void> {
    return this.after(async () => {
      listener(await this.#since(place), this.place)
      this.#listeners.add(listener)
      return () => {
        this.#listeners.delete(listener)
      }
    })
  }

  /** What somebody has to be told who knows the sweep as of `place`. */
  async #since(place: FollowPlace | null): Promise<Told> {
    const again: Told = { type: 'again', sweep: this.id }
    const known = this.#known
    if (place === null || known === null) return again
    const { generation, bytes } = known.place
    if (place.generation !== generation || bytes < place.bytes || bytes - place.bytes > mostToCatchUp)
      return again
    const changes = new Changes()
    try {
      const followed = await this.#store.follow(this.id, place)
      if (followed.again) return again
      // What has been recorded since the last look as well: to be told of it twice does no harm.
      for (const update of followed.updates) changes.take(update, known.trials.open)
    } catch {
      // No place of this record, or the record is gone.
      return again
    }
    for (const trial of known.trials.open) changes.rows.add(trial)
    return this.#tell(changes, known.trials)
  }

  /** What these trials reported by step, in this order; those that are unknown are left out. */
  async steps(asked: readonly number[]): Promise<TrialSteps[]> {
    const known = this.#known
    if (known === null) return []
    const { table } = known.trials
    const there = asked.filter((trial) => table.rowOf(trial) !== undefined)
    const ended = there.filter((trial) => known.trials.history(trial) === undefined)
    const runs =
      ended.length === 0 ? [] : ((await this.#follower.trials(ended)) ?? (await this.#store.trials(this.id)))
    const read = new Map(runs.map((run) => [run.trial, run]))
    return there.map((trial) => ({
      trial,
      status: table.cell('status', table.rowOf(trial)!) as TrialSteps['status'],
      history: known.trials.history(trial) ?? read.get(trial)?.history ?? {},
    }))
  }

  /** A trial whole. Throws RUN_UNKNOWN. */
  async trial(trial: number): Promise<ChildRun> {
    const found = await this.#follower.trials([trial])
    // Whoever reads it whole says what is wrong with it.
    return found?.[0] ?? ((await this.#store.run(childIdOf(this.id, trial))) as ChildRun)
  }

  async #look(): Promise<Told | null> {
    const changes = new Changes()
    let again = false
    for (;;) {
      const read = await this.#follower.next()
      if (read === null) {
        this.#known = null
        return null
      }
      if (read.again || this.#trials === null) {
        again ||= read.again
        const run = this.#follower.run!
        this.#trials = new Trials(searchedParameters(run.spec), run.objective.metric)
      }
      this.#trials.apply(read.updates, read.live, changes)
      if (read.live !== this.#live) {
        this.#live = read.live
        this.#trials.turn(read.live)
        for (const trial of this.#trials.open) changes.rows.add(trial)
        changes.any = true
      }
      if (!read.more) break
    }
    const isFirst = this.#known === null
    if (!changes.any && !isFirst) return null
    await this.#learn(this.#trials)
    // Whoever watches by now has seen it go, and knows another one than this.
    if (isFirst) return this.isWatched ? { type: 'again', sweep: this.id } : null
    return again ? { type: 'again', sweep: this.id } : this.#tell(changes, this.#trials)
  }

  async #learn(trials: Trials): Promise<void> {
    const run = this.#follower.run!
    const before = this.#known
    const judgedBy = (of: ParentRun) =>
      of.artifacts.find(({ name }) => name === artifactNames.judging)?.sha256
    const isNew = before === null || judgedBy(before.run) !== judgedBy(run)
    this.#known = {
      run,
      trials,
      searched: trials.searched,
      judging: isNew ? await judgingOf(this.#store, run) : before.judging,
      place: this.#follower.place!,
    }
  }

  #tell(changes: Changes, trials: Trials): Told {
    const rows = [...changes.rows].sort((a, b) => a - b).flatMap((trial) => trials.row(trial) ?? [])
    const steps = [...changes.steps].flatMap(([trial, counts]) => trials.further(trial, counts) ?? [])
    const output = [...changes.output].flatMap((trial) => {
      const lines = trials.output(trial)
      return lines === null ? [] : [{ trial, lines }]
    })
    return {
      type: 'trials',
      sweep: this.id,
      head: this.head,
      rows,
      deleted: [...changes.deleted],
      steps: steps.filter(({ history }) => Object.keys(history).length > 0),
      output,
    }
  }
}
