/**
 * Cuts the journal of a whole sweep after each of its lines in turn and resumes what is left. What kills at random
 * instants meet by luck, this meets every time.
 */
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { resumeSweep, sweep } from '../../src/index.js'
import { sweepFile } from '../launch/support.js'
import { type Essence, essenceOf } from './driver.js'

/** Expects every resumed sweep to equal the whole one; resolves with that, for the caller to see that it is a fair test. */
export async function expectCutsResumed(definition: object): Promise<Essence> {
  const { file, directory, store } = await sweepFile(definition)
  const { run } = await sweep(file, { store, workers: 2, retries: 1 })
  const whole = await essenceOf(store, run)
  const journal = join('sweeps', run, 'journal.jsonl')
  const lines = (await readFile(join(store, journal), 'utf8')).split(/(?<=\n)/)
  // The first two lines make the sweep: without them there is none.
  for (let kept = 2; kept < lines.length; kept++) {
    const broken = join(directory, `cut-${kept}`)
    await cp(store, broken, { recursive: true })
    await rm(join(broken, 'sweeps', run, 'snapshot.json'), { force: true })
    await writeFile(join(broken, journal), lines.slice(0, kept).join(''))
    await resumeSweep(run, { store: broken, workers: 1 + (kept % 3) })
    expect(await essenceOf(broken, run), `cut after line ${kept}: ${lines[kept - 1]}`).toEqual(whole)
    await rm(broken, { recursive: true })
  }
  return whole
}
