/** A report: one file that holds all of it, asks nothing of a network, and in which texts of strangers are texts. */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  decodeParcel,
  type ReportData,
  reportElement,
  surfaceKey,
  TrialTable,
} from '../../src/dashboard/data/index.js'
import { searchedParameters } from '../../src/dashboard/gather/parameters.js'
import { tableOf } from '../../src/dashboard/gather/rows.js'
import { fitting, leftOutWords, wantedFirst } from '../../src/dashboard/report/share.js'
import { openStore, report } from '../../src/index.js'
import type { ParentRun } from '../../src/tracking/index.js'
import { temporaryFolder } from '../temporary.js'
import { hostileText, makeSweep } from './sweeps.js'

function contentsOf(html: string): { data: ReportData; tables: TrialTable[] } {
  const [, base64] = new RegExp(
    `<script type="application/octet-stream" id="${reportElement}">([A-Za-z0-9+/=]+)</script>`,
  ).exec(html)!
  const { document, parts } = decodeParcel<ReportData>(gunzipSync(Buffer.from(base64, 'base64')))
  return { data: document, tables: parts.map((part) => TrialTable.decode(part)) }
}

const store = await openStore(temporaryFolder())
const made = await makeSweep(store.directory, { trials: 50, name: 'fifty' })
const html = await report(store, made.id)
const other = await makeSweep(store.directory, { trials: 5, name: 'five' })

test('holds the whole record of a small sweep: table, trials, steps, files, what mattered and its surfaces', async () => {
  const { data, tables } = contentsOf(html)
  const run = (await store.run(made.id)) as ParentRun
  const trials = await store.trials(made.id)
  const [sweep] = data.sweeps
  expect(sweep.head.run).toEqual(run)
  expect(sweep.trials).toEqual(trials)
  expect(sweep.steps).toEqual(trials.map(({ trial, status, history }) => ({ trial, status, history })))
  expect(sweep.leftOut).toBeNull()
  const wanted = tableOf(searchedParameters(run.spec), trials)
  expect(Buffer.from(tables[0].encode()).equals(Buffer.from(wanted.encode()))).toBe(true)
  expect(sweep.insights.accuracy).toMatchObject({ sweep: made.id, metric: 'accuracy' })
  const log = sweep.artifacts[`${run.best!.run}/log.txt`]
  expect(Buffer.from(log.split(',')[1], 'base64').toString()).toBe('epoch 1\nepoch 2\n')
  const [first, second] = sweep.insights.accuracy.parameters
  if (first === undefined) expect(sweep.insights.accuracy.unsure).not.toBeNull()
  else {
    const surface = sweep.surfaces[surfaceKey('accuracy', first.name, second.name)]
    const turned = sweep.surfaces[surfaceKey('accuracy', second.name, first.name)]
    expect(surface.mean.length).toBe(surface.yAt.length)
    expect(turned.mean[0][1]).toBe(surface.mean[1][0])
  }
})

test('sets several sweeps beside each other, each once; the latest where none is named', async () => {
  const third = await makeSweep(store.directory, { trials: 7, name: 'seven' })
  const both = contentsOf(await report(store, [other.id.slice(0, 10), third.id, other.id]))
  expect(both.data.sweeps.map(({ head }) => head.run.id)).toEqual([other.id, third.id])
  expect(both.tables.map(({ length }) => length)).toEqual([5, 7])
  expect(contentsOf(await report(store)).data.sweeps[0].head.run.id).toBe(third.id)
  await expect(report(store, [])).rejects.toThrow(/1 to 20 sweeps/)
  const oftenNamed = contentsOf(await report(store, Array(21).fill(other.id)))
  expect(oftenNamed.data.sweeps).toHaveLength(1)
  await expect(report(store, 'ffffffffffffffff')).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
  const [{ id }] = await store.trials(made.id)
  await expect(report(store, id)).rejects.toThrow(/is a trial; its sweep is/)
})

test('asks nothing of a network, and lets no script run but its own', async () => {
  const [, policy] = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(html)!
  const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const [, script] = /<script type="module">([\s\S]*?)<\/script>/.exec(html)!
  const [, style] = /<style>([\s\S]*?)<\/style>/.exec(html)!
  expect(policy.split('; ').sort()).toEqual(
    [
      "base-uri 'none'",
      "default-src 'none'",
      "form-action 'none'",
      'img-src data: blob:',
      `script-src ${digest(script)}`,
      `style-src ${digest(style)}`,
    ].sort(),
  )
  // Nothing but the page stands outside: no address, no handler, no other script.
  const icon = /<link rel="icon" href="data:[^"]*"[^>]*>/
  expect(html).toMatch(icon)
  const rest = html.replace(script, '').replace(style, '').replace(icon, '')
  expect(rest).not.toMatch(/https?:|src=|href=|\son\w+=/)
  expect(rest.match(/<script/g)).toHaveLength(2)
  expect(style).not.toMatch(/url\(\s*['"]?(?!data:|#)/)
})

test('texts of strangers become no markup, and stand in the data as they are', async () => {
  const hostile = await makeSweep(store.directory, { trials: 6, hostile: true })
  const html = await report(store, hostile.id)
  const [title] = /<title>.*<\/title>/.exec(html)!
  expect(title).not.toMatch(/<(?!\/?title)/)
  expect(title).not.toContain('\u202e')
  expect(html).not.toContain('alert(1)>')
  expect(html.match(/<\/script/gi)).toHaveLength(2)
  const { data, tables } = contentsOf(html)
  expect(data.sweeps[0].head.run.name).toBe(hostileText)
  expect(tables[0].cell(`params.${hostileText}`, 0)).toMatch(/^(<\/script>|=1\+1)/)
})

test('of a large sweep the running, best and failed trials are taken, and it is said how many', async () => {
  const { id } = await makeSweep(store.directory, { trials: 1500, steps: 250 })
  const run = (await store.run(id)) as ParentRun
  const trials = await store.trials(id)
  const taken = fitting(wantedFirst(run, trials), 1)
  expect(taken.length).toBeLessThan(1400)
  expect(JSON.stringify(taken).length).toBeLessThan(6_100_000)
  expect(fitting(wantedFirst(run, trials), 0.5).length).toBeLessThan(taken.length * 0.7)
  const numbers = taken.map(({ trial }) => trial)
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  expect(numbers).toContain(run.best!.trial)
  expect(taken.filter(({ status }) => status === 'failed').length).toBeGreaterThan(0)
  // No trial that was left out is better than one that is there.
  const there = new Set(numbers)
  const finished = trials.filter(({ status }) => status === 'finished')
  const worstThere = Math.min(...finished.filter(({ trial }) => there.has(trial)).map(({ value }) => value!))
  const bestLeft = Math.max(...finished.filter(({ trial }) => !there.has(trial)).map(({ value }) => value!))
  expect(worstThere).toBeGreaterThanOrEqual(bestLeft)
  expect(leftOutWords(1500, taken.length, 1)).toBe(
    `of 1500 trials all are in the table and the plots, and ${taken.length} with steps and details: the best, failed ones and those that ran; 1 file of trials is left out, as too large or of a kind that is not shown`,
  )
  expect(leftOutWords(5, 5, 0)).toBeNull()
})

test('a sweep without trials, and one of which all failed, make reports', async () => {
  const empty = await makeSweep(store.directory, { trials: 0 })
  const failed = await makeSweep(store.directory, { trials: 8, onlyFailures: true })
  const { data, tables } = contentsOf(await report(store, [empty.id, failed.id]))
  expect(tables.map(({ length }) => length)).toEqual([0, 8])
  expect(data.sweeps.map(({ head }) => head.entry.best)).toEqual([null, null])
  expect(data.sweeps[0].insights.accuracy.unsure).not.toBeNull()
})
