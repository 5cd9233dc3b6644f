/** `runs tag` and `runs note`: what people say of a run. */
import { EspalierError, isEspalierError, type Problem } from '../../errors.js'
import { tagNames } from '../../names.js'
import type { Run, RunStore } from '../../tracking/index.js'
import { plain, print } from '../output.js'
import { isSweep, openStoreOf } from './common.js'
import { findRun } from './meant.js'

export async function tagRun(
  id: string,
  given: readonly string[],
  options: { store?: string },
): Promise<void> {
  const tags: Record<string, string | null> = {}
  const problems: Problem[] = []
  for (const text of given) {
    const [, key, label] = /^([^=]+)=(.*)$/s.exec(text) ?? []
    if (key === undefined)
      problems.push({ path: text, message: 'must be key=value, or key= to remove the tag' })
    else tags[key.trim()] = label === '' ? null : label
  }
  if (problems.length > 0) throw new EspalierError('USAGE', 'a tag is written key=value', { problems })
  const store = await openStoreOf(options)
  const run = await findRun(store, id)
  await label(store, run, tags)
  const said = Object.entries(tags).map(([key, label]) =>
    label === null ? `${key} removed` : `${key}=${label}`,
  )
  print(`run ${run.id}: ${plain(said.join(', '))}`)
}

export async function noteRun(id: string, note: string, options: { store?: string }): Promise<void> {
  const store = await openStoreOf(options)
  const run = await findRun(store, id)
  await label(store, run, { [tagNames.note]: note.trim() === '' ? null : note })
  print(`run ${run.id}: note ${note.trim() === '' ? 'removed' : 'written'}`)
}

/** Puts labels on a run: at once, or through the process that holds its sweep. */
async function label(
  store: RunStore,
  run: Run,
  tags: Readonly<Record<string, string | null>>,
): Promise<void> {
  try {
    return await store.tag(run.id, tags)
  } catch (error) {
    if (!isEspalierError(error) || error.code !== 'SWEEP_LOCKED') throw error
  }
  const { outcome, message } = await store.ask(isSweep(run) ? run.id : run.parent, {
    kind: 'tag',
    trial: isSweep(run) ? null : run.trial,
    tags,
  })
  if (outcome !== 'done') throw new EspalierError('SWEEP_LOCKED', `The run was not labelled: ${message}.`)
}
