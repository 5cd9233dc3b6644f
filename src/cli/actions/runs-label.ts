/** `runs tag` and `runs note`: what people say of a run. */
import { EspalierError, type Problem } from '../../errors.js'
import { plain, print } from '../output.js'
import { openStoreOf } from './common.js'
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
  await store.tag(run.id, tags)
  const said = Object.entries(tags).map(([key, label]) =>
    label === null ? `${key} removed` : `${key}=${label}`,
  )
  print(`run ${run.id}: ${plain(said.join(', '))}`)
}

export async function noteRun(id: string, note: string, options: { store?: string }): Promise<void> {
  const store = await openStoreOf(options)
  const run = await findRun(store, id)
  await store.note(run.id, note.trim() === '' ? '' : note)
  print(`run ${run.id}: note ${note.trim() === '' ? 'removed' : 'written'}`)
}
