/**
 * The record of a sweep, opened: what a new sweep, one that goes on and one that is repeated do differently, and nothing
 * else of theirs is different.
 */
import { EspalierError } from '../errors.js'
import { type Conditions, hasEnded, newSweepId, type ParentRun, type Store } from '../tracking/index.js'
import type { JsonObject } from '../values.js'
import { changesSince } from './changes.js'
import type { PreparedSweep } from './prepare.js'
import { mustAskInSpace, mustBeInSpace, recordedTrial } from './recorded-trial.js'
import { keepDiff, type OpenedRecord, opened, sessionConditions } from './session.js'
import { recordedSpec, specOf } from './spec/version.js'
import { remember } from './trust.js'

export type RecordPlan =
  | { readonly kind: 'new'; readonly experiment: string; readonly id?: string }
  /** `force`: also where its trials are no longer comparable. */
  | { readonly kind: 'resumed'; readonly parent: ParentRun; readonly force: boolean }

/** The experiment it belongs to, by name, and what opens its record. */
export interface Opening {
  readonly experiment: string
  /** Its id. */
  readonly sweep: string
  open(session: JsonObject): Promise<OpenedRecord>
}

/**
 * Looks at what there is before anything is written, and tells of what has changed since a sweep began.
 * @throws EspalierError RESUME_REFUSED where a sweep cannot go on as it is.
 */
export async function openingOf(
  plan: RecordPlan,
  { prepared, captured }: { prepared: PreparedSweep; captured: Promise<Conditions> },
  store: Store,
  warn: (message: string) => void,
): Promise<Opening> {
  const asked = sessionConditions(prepared, captured)
  const { spec } = prepared
  if (plan.kind === 'new') {
    const { experiment, id = newSweepId() } = plan
    return {
      experiment,
      sweep: id,
      open: async (session) => {
        // Not waited for sooner: git is asked while the workers start.
        const now = await asked
        // Before there is a sweep, so that whenever this process dies the sweep can be resumed.
        await remember(id, spec)
        const writer = await store.createSweep({
          experiment,
          name: spec.name,
          objectives: [{ metric: spec.objective.metric, direction: spec.objective.direction }],
          spec: recordedSpec(spec),
          conditions: { ...now.conditions, ...session },
          id,
        })
        return opened(writer, async () => {
          await keepDiff(writer, now.diff)
          return { record: [] }
        })
      },
    }
  }
  const now = await asked
  const { parent, force } = plan
  const changes = await changesSince(parent, prepared, now)
  const grave = changes.filter((change) => change.grave)
  if (grave.length > 0 && !force) {
    throw new EspalierError(
      'RESUME_REFUSED',
      `trials of one sweep must be comparable (since ${parent.id} began, ${grave.map(({ what }) => what).join('; ')}); undo the change, start a new sweep, or go on with --force`,
      { problems: grave.map(({ path, what }) => ({ path, message: what })) },
    )
  }
  for (const { what } of changes) warn(`since the sweep began, ${what}`)
  const { trials } = spec
  const recorded = specOf(parent)
  const begun = (await store.trials(parent.id)).reduce((most, { trial }) => Math.max(most, trial + 1), 0)
  if (trials < begun) {
    throw new EspalierError(
      'USAGE',
      `a sweep keeps the trials it has: "trials" must be at least ${begun} (got ${trials})`,
    )
  }
  return {
    experiment: parent.experiment,
    sweep: parent.id,
    open: async (session) => {
      const conditions = {
        ...now.conditions,
        ...session,
        trials,
        changes: changes.map(({ what }) => what),
      }
      const writer = await store.resumeSweep(parent.id, {
        conditions,
        spec: trials === recorded.trials ? undefined : recordedSpec({ ...recorded, trials }),
      })
      return opened(writer, async () => {
        await keepDiff(writer, now.diff, parent.sessions.length + 1, parent.artifacts)
        // Read only now that nobody else writes it.
        const children = await store.trials(parent.id)
        for (const child of children) if (!hasEnded(child)) mustBeInSpace(child, prepared.space)
        const { requests } = (await store.run(parent.id)) as ParentRun
        mustAskInSpace(requests, prepared.space)
        return { record: children.map(recordedTrial), requests }
      })
    },
  }
}
