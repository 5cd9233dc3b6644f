/** What training a run again leaves on its record. */
import { describe, expect, it } from 'vitest'
import { openStore, reproduceRun, sweep } from '../../src/index.js'
import { temporaryDirectory } from '../temporary.js'

const definition = {
  name: 'line',
  parameters: { x: { type: 'float', min: 0, max: 1 } },
  objective: { metric: 'loss', direction: 'minimize' },
} as const
const loss = ({ x }: { x?: unknown }) => ({ loss: Number(x) })

async function swept() {
  const store = await temporaryDirectory()
  const { run, best } = await sweep(definition, { store, trials: 4, run: loss })
  const opened = await openStore(store)
  const tagsOf = async (id: string) => (await opened.run(id)).tags
  return { store, sweep: run, best: best!.run, opened, tagsOf }
}

describe('a run that was trained again', () => {
  it('is marked equal or different, as it came out the last time, and says when', async () => {
    const { store, best, sweep, tagsOf } = await swept()
    const before = Date.now()
    expect(await reproduceRun(best, { store, run: loss })).toMatchObject({ equal: true, unmarked: null })
    const { 'espalier.reproduced': mark, 'espalier.reproducedAt': at } = await tagsOf(best)
    expect(mark).toBe('equal')
    expect(Date.parse(at)).toBeGreaterThanOrEqual(before)
    expect(await tagsOf(sweep)).not.toHaveProperty(['espalier.reproduced'])
    const other = ({ x }: { x?: unknown }) => ({ loss: Number(x) + 1e-15 })
    Object.defineProperty(other, 'name', { value: loss.name })
    expect(await reproduceRun(best, { store, run: other })).toMatchObject({ equal: false, unmarked: null })
    expect((await tagsOf(best))['espalier.reproduced']).toBe('different')
    expect(await reproduceRun(sweep, { store, run: loss })).toMatchObject({ equal: true, unmarked: null })
    expect((await tagsOf(sweep))['espalier.reproduced']).toBe('equal')
    // Its marks are no difference to the next one.
    expect(await reproduceRun(sweep, { store, run: loss })).toMatchObject({ equal: true })
  })

  it('is not marked while another process writes its sweep, which is said', async () => {
    const { store, sweep, best, opened, tagsOf } = await swept()
    const writer = await (await openStore(store)).resumeSweep(sweep, { conditions: {} })
    const { equal, unmarked } = await reproduceRun(best, { store, run: loss })
    expect(equal).toBe(true)
    expect(unmarked).toMatch(/A sweep has one writer/)
    await writer.finish({ status: 'finished' })
    expect(await tagsOf(best)).toEqual({})
    expect((await opened.check()).problems).toEqual([])
  })
})
