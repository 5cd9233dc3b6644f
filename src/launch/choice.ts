/** A sweep whose trainer is a parameter, before it runs: what each of the trainers gets of the space, and whether it takes it. */
import { EspalierError, type Problem } from '../errors.js'
import { type Parameter, pathOf, type Space, type SweepFile } from '../space/index.js'
import { hyperparameterOf, ownerOf, trainerParameter } from '../trainer-choice.js'
import {
  type Candidate,
  type ChoiceReference,
  type DescribedTrainer,
  type NamedReference,
  referenceTo,
  type SpaceParameter,
  type TrainerDescription,
  unknownParameters,
} from '../training/index.js'
import type { TrainerSpec } from './spec/types.js'

/**
 * The trainers that a file chooses among.
 * @param modules where the modules among them are now, by the values that name them.
 */
export function choiceReference(
  choice: readonly string[],
  directory: string,
  modules: Readonly<Record<string, string>> = {},
): ChoiceReference {
  const named = (value: string): NamedReference =>
    Object.hasOwn(modules, value) ? { kind: 'module', file: modules[value] } : referenceTo(value, directory)
  return { kind: 'choice', trainers: Object.fromEntries(choice.map((value) => [value, named(value)])) }
}

/** Throws USAGE where some of them predict classes and others numbers. */
export function refuseTwoTasks(candidates: readonly Candidate<TrainerDescription>[]): void {
  const [first] = candidates
  const other = candidates.find(({ trainer }) => trainer.task !== first.trainer.task)
  if (other === undefined) return
  const message = `the trainers of one sweep are of one task, or their values would not compare (${first.value} is for ${first.trainer.task}, ${other.value} for ${other.trainer.task}); take out those of the other task`
  throw new EspalierError('USAGE', message, { problems: [{ path: 'parameters.trainer.values', message }] })
}

/** The trainers of a sweep: one, or those it chooses among; an objective has none. */
export function trainersOf(
  opened: DescribedTrainer,
): readonly { readonly value: string | null; readonly trainer: TrainerDescription }[] {
  if (opened.kind === 'objective') return []
  return opened.kind === 'trainer' ? [{ value: null, trainer: opened.trainer }] : opened.candidates
}

/** A parameter as one trainer sees it: under its own name for it, without the conditions that say that it is the one chosen. */
export type OwnParameter = Parameter & { readonly written: string }

/** What a trainer gets of the space. `value` null: all of it, there being no other. */
export function parametersFor(
  value: string | null,
  { space, choice }: Pick<SweepFile, 'space' | 'choice'>,
): OwnParameter[] {
  if (value === null || choice === null) return space.parameters.map((one) => ({ ...one, written: one.name }))
  const trainersWith = activeWith(space, choice)
  return space.parameters.flatMap((parameter) => {
    const { name, when } = parameter
    if (name === trainerParameter || !trainersWith(name).has(value)) return []
    return [
      {
        ...parameter,
        name: hyperparameterOf(name, choice),
        when: when.filter(({ parent }) => parent !== trainerParameter),
        written: name,
      },
    ]
  })
}

/** With which trainers a parameter can be active: what its conditions, and those of what they look at, leave. */
function activeWith(space: Space, choice: readonly string[]): (name: string) => ReadonlySet<string> {
  const parameters = new Map(space.parameters.map((one) => [one.name, one]))
  const known = new Map<string, ReadonlySet<string>>()
  const find = (name: string): ReadonlySet<string> => {
    const before = known.get(name)
    if (before !== undefined) return before
    let left: ReadonlySet<string> = new Set(choice)
    for (const { parent, values } of parameters.get(name)!.when) {
      const among = parent === trainerParameter ? new Set<unknown>(values) : find(parent)
      left = new Set([...left].filter((value) => among.has(value)))
    }
    known.set(name, left)
    return left
  }
  return find
}

/** What is wrong with a space whose trainer is a parameter, trainer by trainer. */
export function problemsOfChoice(
  candidates: readonly Candidate<TrainerDescription>[],
  file: Pick<SweepFile, 'space' | 'choice'>,
): Problem[] {
  const problems: Problem[] = []
  const choice = file.choice!
  const strangers = new Map<string, string[]>()
  for (const { value, trainer } of candidates) {
    const own = parametersFor(value, file)
    const byName = new Map<string, OwnParameter>()
    for (const parameter of own) {
      const twin = byName.get(parameter.name)
      if (twin === undefined) byName.set(parameter.name, parameter)
      else {
        const message = `a hyperparameter is one parameter ("${twin.written}" and "${parameter.written}" are both "${parameter.name}" of ${value}); leave ${value} out of the "when" of the one that is not its own`
        problems.push({ path: pathOf('parameters', parameter.written), message })
      }
    }
    const described = new Set(trainer.hyperparameters.map(({ name }) => name))
    const knows = ({ name }: SpaceParameter) => described.size === 0 || described.has(name)
    for (const parameter of own) {
      const { written } = parameter
      // Its own by name: the nearest right one is told below.
      if (knows(parameter) || ownerOf(written, choice) !== null) continue
      strangers.set(written, [...(strangers.get(written) ?? []), value])
    }
    const looked = own.filter((one) => knows(one) || ownerOf(one.written, choice) !== null)
    for (const { path, message } of unknownParameters(trainer, looked)) {
      const found = looked.find(({ name }) => path === `parameters.${name}`)
      problems.push({ path: pathOf('parameters', found!.written), message })
    }
  }
  for (const [written, without] of strangers) {
    const knowing = candidates.filter(({ value, trainer }) => {
      const own = parametersFor(value, file).find((one) => one.written === written)
      return own !== undefined && trainer.hyperparameters.some(({ name }) => name === written)
    })
    const values = JSON.stringify(knowing.map(({ value }) => value))
    const remedy =
      knowing.length === 0
        ? 'leave it out, or look at its spelling'
        : `say for which trainers it is: "when": {"trainer": ${values}}`
    const message = `every trainer that a parameter can come to must have a hyperparameter of its name (${without.join(', ')} ${without.length === 1 ? 'has' : 'have'} no "${written}"); ${remedy}`
    problems.push({ path: pathOf('parameters', written), message })
  }
  return problems
}

/** The modules that a recorded sweep trains, with what knows them again. `value`: what the parameter `trainer` calls it. */
export function modulesOf(
  trainer: TrainerSpec,
): { readonly value: string | null; readonly file: string; readonly digest?: string }[] {
  if (trainer.kind === 'module') return [{ value: null, file: trainer.file, digest: trainer.digest }]
  if (trainer.kind !== 'choice') return []
  return Object.entries(trainer.trainers).flatMap(([value, one]) =>
    one.kind === 'module' ? [{ value, file: one.file, digest: one.digest }] : [],
  )
}

/** What is trained, in words. */
export function trainerInWords(trainer: TrainerSpec): string {
  switch (trainer.kind) {
    case 'module':
      return trainer.file
    case 'command':
      return commandInWords(trainer)
    case 'choice':
      return Object.keys(trainer.trainers).join(' or ')
    default:
      return trainer.name
  }
}

/** With how its metrics are read, where it does not report them. */
function commandInWords({ command, metrics, result }: TrainerSpec & { kind: 'command' }): string {
  const read = { ...(metrics && { metrics }), ...(result && { result }) }
  return [...command, ...(Object.keys(read).length === 0 ? [] : [JSON.stringify(read)])].join(' ')
}
