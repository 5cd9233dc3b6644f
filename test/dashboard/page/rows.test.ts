/** Queries in the page have the answers, and the refusals, that they have on the command line. */
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type SweepHead, TrialTable } from '../../../src/dashboard/data/index.js'
import { FollowedSweep } from '../../../src/dashboard/gather/followed-sweep.js'
import { searchedParameters } from '../../../src/dashboard/gather/parameters.js'
import { rowAt } from '../../../src/dashboard/gather/rows.js'
import { rowsWhere } from '../../../src/dashboard/page/rows.js'
import { openStore, type RunStore } from '../../../src/tracking/index.js'
import type { Params } from '../../../src/values.js'
import { temporaryFolder } from '../../temporary.js'
import { makeSweep } from '../sweeps.js'

let store: RunStore
let sweep: string
let head: SweepHead
let table: TrialTable

beforeAll(async () => {
  const directory = join(temporaryFolder(), 'store')
  sweep = (await makeSweep(directory, { trials: 120, hostile: true })).id
  store = await openStore(directory)
  await store.tag((await store.trials(sweep))[3].id, { kind: 'draft', 'log loss': '1' })
  const followed = new FollowedSweep(store, sweep)
  await followed.after(() => {})
  head = followed.head!
  table = followed.known!.trials.table
})

describe('a query', () => {
  it.each([
    'value > 0.85',
    'value is null',
    'status = failed',
    "status in ('failed', 'pruned') and not params.bias = true",
    "params.bias = 'true'",
    "params.bias < 'z'",
    'params.gamma is null',
    'params.degree >= 3 or params.kernel = linear',
    "params.layers = '[64, 64]'",
    "params.layers like '%32%'",
    "params.kernel ilike 'R_F'",
    "params.size in ('small', 'large')",
    'params.rate < 1e-3 and metrics.logLoss < 0.3',
    'metrics.trainAccuracy != 1',
    'seconds >= 0',
    "started > '2020-01-01' and ended is not null",
    'trial < 10',
    "name = 'trial 7'",
    'attempts = 1',
    "error = 'TIME_LIMIT'",
    'error is null',
    "tags.kind = 'draft'",
    'tags.`log loss` = 1',
    "experiment like '%script%'",
    "tags.kind like '%<img%'",
  ])('%s chooses the same trials', async (where) => {
    const expected = (await store.runs({ sweep, where })).map(({ trial }) => trial)
    const mask = rowsWhere(table, head, where)
    const trials = [...mask.keys()].filter((row) => mask[row] === 1).map((row) => table.cell('trial', row))
    expect(trials.sort((a, b) => Number(a) - Number(b))).toEqual(expected.sort((a, b) => a - b))
  })

  it('by run, and by its sweep, chooses the same trials', async () => {
    const { id } = (await store.trials(sweep))[5]
    for (const where of [`run = '${id}'`, `parent = '${sweep}'`]) {
      const mask = rowsWhere(table, head, where)
      expect(mask.reduce((sum, one) => sum + one, 0)).toBe((await store.runs({ sweep, where })).length)
    }
  })

  it('tells a value that is null from none, and a number from its text', () => {
    const values = [null, 9, 'a']
    const spec = { parameters: { x: { type: 'categorical', values } } }
    const small = new TrialTable([{ ...head.parameters[4], name: 'x', values: ['null', '9', 'a'] }])
    const given: readonly Params[] = [{ x: null }, { x: 9 }, { x: 'a' }, {}]
    for (const [trial, params] of given.entries())
      small.upsert({ ...rowAt(table, 0, searchedParameters(spec)), trial, params })
    const of = (where: string) =>
      [...rowsWhere(small, { ...head, run: { ...head.run, spec } }, where)].join('')
    expect(of('params.x is null')).toBe('0001')
    expect(of('params.x = null')).toBe('1000')
    expect(of("params.x < '10'")).toBe('0100')
    expect(rowAt(small, 0, searchedParameters(spec)).params).toEqual({ x: null })
  })

  it.each([
    'value >',
    'value > 1 and',
    'params.kernle = 1',
    'metrics.acuracy > 0.5',
    'best > 1',
    'colour = 3',
    'parms.k = 1',
    "status = 'failed",
    'value > 1)',
  ])('%s is refused in the same words', async (where) => {
    const refusal = await store.runs({ sweep, where }).then(
      () => null,
      (error: Error) => error.message,
    )
    expect(refusal).not.toBeNull()
    expect(() => rowsWhere(table, head, where)).toThrow(refusal!)
  })
})
