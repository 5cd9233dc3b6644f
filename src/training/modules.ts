/** The modules that a plan names: trainers and metrics of somebody's own. */
import type { FitPlan } from './plan.js'
import type { NamedReference } from './types.js'

/** Absolute paths, each once. */
export function modulesOfPlan({ trainer, metrics = [] }: FitPlan): string[] {
  const references = trainer.kind === 'choice' ? Object.values(trainer.trainers) : [trainer]
  const trainers = references.flatMap((one) => (one.kind === 'module' ? [one.file] : []))
  const own = metrics.flatMap(({ module }) => (module === null ? [] : [module]))
  return [...new Set([...trainers, ...own])]
}

/** The same plan where the modules are elsewhere. */
export function withModules(plan: FitPlan, elsewhere: (file: string) => string): FitPlan {
  const named = (one: NamedReference): NamedReference =>
    one.kind === 'module' ? { ...one, file: elsewhere(one.file) } : one
  const { trainer, metrics } = plan
  const moved =
    trainer.kind === 'module'
      ? { ...trainer, file: elsewhere(trainer.file) }
      : trainer.kind === 'choice'
        ? {
            ...trainer,
            trainers: Object.fromEntries(
              Object.entries(trainer.trainers).map(([value, one]) => [value, named(one)]),
            ),
          }
        : trainer
  return {
    ...plan,
    trainer: moved,
    ...(metrics && {
      metrics: metrics.map((one) => (one.module === null ? one : { ...one, module: elsewhere(one.module) })),
    }),
  }
}
