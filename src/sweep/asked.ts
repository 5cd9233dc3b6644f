/**
 * What is asked of a sweep while it runs, ruled upon by where it is then: the loop alone knows which trials are suggested and
 * which run. What was ruled is on record with the number of the trial from which it holds, so that the same record gives the
 * same sweep, whenever it was asked.
 */
import { describeError } from '../errors.js'
import { requested, type Suggestion } from '../search/index.js'
import { type AnsweredRequest, type AskedRequest, mostTrials, type Ruling } from '../tracking/index.js'
import type { Params } from '../values.js'
import { type EndedBy, endedBy, type TrialEnding } from './ending.js'

/** Where a sweep is. */
export interface Course {
  /** The first trial whose suggestion has not begun. */
  readonly next: number
  /** Why no further trial is suggested, in words; null where more can be. */
  readonly closed: string | null
  running(): number
  /** Whether a trial has a number: it began, in this session or before. */
  hasBegun(trial: number): boolean
  /** What ends a trial that runs. */
  ending(trial: number): TrialEnding | undefined
  stop(): void
}

export class Asked {
  readonly #complete: (params: Params) => Params
  readonly #requested = new Map<number, Suggestion>()
  readonly #ended = new Map<number, EndedBy>()
  /** Trials that the sweep comes to. */
  trials: number

  /**
   * @param before what the record says was asked: its trials are the same again.
   * @param complete params as the space writes them; throws where they are not possible in it.
   */
  constructor(
    trials: number,
    before: readonly AnsweredRequest[],
    complete: (params: Params) => Params = (params) => params,
  ) {
    this.trials = trials
    this.#complete = complete
    for (const request of before) if (request.outcome === 'done') this.#take(request)
  }

  /** What was asked for as this trial; undefined where the search has its say. */
  suggestion(trial: number): Suggestion | undefined {
    return this.#requested.get(trial)
  }

  /** By whom a trial was ended of which no outcome may be on record. */
  endedBy(trial: number): EndedBy | undefined {
    return this.#ended.get(trial)
  }

  /** @param before whether it was asked before this session began. */
  rule(request: AskedRequest, course: Course, before: boolean): Ruling {
    const { act } = request
    if (before && (act.kind === 'stop' || act.kind === 'end-trial'))
      return refused('it was asked before the sweep went on: ask again')
    switch (act.kind) {
      case 'stop':
        if (course.closed !== null) return done('it was coming to its end already', course.next)
        course.stop()
        return done(`no further trial begins; ${running(course.running())}`, course.next)
      case 'extend':
        return this.#extend(act.by, course)
      case 'enqueue':
        return this.#enqueue(request, act.params, course)
      case 'end-trial':
        return this.#endTrial(request, act.trial, course)
      default:
        // Labels are the record's own affair.
        return refused('it is not for the sweep to do')
    }
  }

  #extend(by: number, { closed, next }: Course): Ruling {
    if (closed !== null) return refused(closed)
    const trials = this.trials + by
    if (trials > mostTrials)
      return refused(`a sweep has at most ${mostTrials} trials (it would come to ${trials})`)
    this.trials = trials
    return { ...done(`it comes to ${trials} trials`, next), spec: { trials } }
  }

  #enqueue(request: AskedRequest, params: Params, course: Course): Ruling {
    if (course.closed !== null) return refused(course.closed)
    let whole: Params
    try {
      whole = this.#complete(params)
    } catch (error) {
      return refused(describeError(error).message)
    }
    let trial = course.next
    while (this.#requested.has(trial) || course.hasBegun(trial)) trial++
    if (trial >= this.trials)
      return refused(`none of its ${this.trials} trials is left for these params: extend it first`)
    const act = { kind: 'enqueue', params: whole } as const
    this.#take({ ...request, act, trial })
    return { ...done(`trial ${trial} gets these params`, trial), act }
  }

  #endTrial(request: AskedRequest, trial: number, course: Course): Ruling {
    const ending = course.ending(trial)
    if (ending?.end(endedBy(request)) !== true) return refused(`trial ${trial} does not run`)
    this.#take({ ...request, trial })
    return done(`trial ${trial} is ended`, trial)
  }

  #take(request: AskedRequest & Pick<AnsweredRequest, 'trial'>): void {
    const { id, by, act, trial } = request
    if (trial === null) return
    if (act.kind === 'enqueue') {
      const origin = { rule: requested, request: id, by: { user: by.user, host: by.host } }
      this.#requested.set(trial, { params: act.params, origin })
    } else if (act.kind === 'end-trial') this.#ended.set(trial, endedBy(request))
  }
}

function running(count: number): string {
  if (count === 0) return 'none runs'
  return count === 1 ? 'the one that runs ends first' : `the ${count} that run end first`
}

function done(message: string, trial: number): Ruling {
  return { outcome: 'done', message, trial }
}

function refused(message: string): Ruling {
  return { outcome: 'refused', message, trial: null }
}
