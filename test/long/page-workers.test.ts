/**
 * The workers of a sweep over a queue, on the page of a real browser: who they are, at what they are, one that vanishes and one that comes,
 * where a trial ran, and what is left of it on record. With a Redis of the test's own, workers and the sweep as processes.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Dashboard } from '../../src/dashboard/server/index.js'
import { type Document, type Folder, makeFolder, type Running } from '../cli/run.js'
import { describeInBrowser, openBrowser } from '../dashboard/chromium.js'
import { startUsual } from '../dashboard/served.js'
import { nvidiaSmi, pathWith } from '../execution/stand-ins.js'
import { noRedis, startRedis, type TestServer } from '../remote/servers.js'

/** Machines that call themselves so: what they say is text. */
const machines = {
  west: 'west<img src=x onerror="document.title=\'taken\'">',
  east: 'east & <b>bold</b>',
  north: 'north',
}
type Machine = keyof typeof machines

/** What the operating system is said to call the machine. */
const named = `
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
os.hostname = () => process.env.NAMED
syncBuiltinESMExports()
`

/** Reports a step with a checkpoint, and goes on when nothing holds it. */
const program = `
import { existsSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
const { HOLD, ESPALIER_CHECKPOINT, ESPALIER_STEP = '0' } = process.env
const x = Number(process.argv[2])
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
for (let step = Number(ESPALIER_STEP); step < 3; step++) {
  if (step > 0) while (existsSync(HOLD)) await rest(50)
  await rest(150)
  writeFileSync(ESPALIER_CHECKPOINT + '/state', String(step))
  console.log('espalier: ' + JSON.stringify({ metric: { loss: x + 1 / (step + 1) }, step }))
  await answers.next()
}
console.log('espalier: ' + JSON.stringify({ final: { loss: x } }))
process.exit()
`

/** On a machine with much else to do. */
const within = { timeout: 120_000, interval: 100 }
const trials = 24

const describeHere: typeof describeInBrowser =
  noRedis === null ? describeInBrowser : (name, tests) => describe.skip(`${name} (${noRedis})`, tests)

describeHere('workers on the page', () => {
  let server: TestServer
  let browser: Browser
  let folder: Folder
  let store: string
  let dashboard: Dashboard
  const processes: Running[] = []
  const pages: Page[] = []
  /** What went wrong in any of them. */
  const mistakes: string[] = []

  beforeAll(async () => {
    server = await startRedis()
    browser = await openBrowser()
    folder = makeFolder()
    store = join(folder.path, 'runs')
    writeFileSync(join(folder.path, 'program.mjs'), program)
    writeFileSync(join(folder.path, 'named.mjs'), named)
    folder.write('sweep.json', {
      name: 'far',
      trainer: {
        command: [process.execPath, 'program.mjs', '{x}'],
        environment: { HOLD: join(folder.path, 'hold') },
      },
      objective: { metric: 'loss', direction: 'minimize' },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
      search: { algorithm: 'random', trials, parallel: 3, seed: 1 },
    })
  })
  afterEach(async () => {
    rmSync(join(folder.path, 'hold'), { force: true })
    for (const page of pages.splice(0)) await page.context().close()
    for (const one of processes) one.signal('SIGKILL')
    await Promise.all(processes.splice(0).map(({ ended }) => ended))
  })
  afterAll(async () => {
    await browser?.close()
    await dashboard?.close()
    await server?.stop()
    folder?.remove()
  })

  function start(args: readonly string[], env: Record<string, string> = {}): Running {
    const queue = { ESPALIER_QUEUE: server.url, ESPALIER_CACHE: join(folder.path, 'cache') }
    const one = folder.start(args, { env: { ...queue, ...env } })
    processes.push(one)
    return one
  }

  async function worker(machine: Machine, ...args: string[]): Promise<Running> {
    const tools = pathWith({ 'nvidia-smi': nvidiaSmi(2, { used: 700 }) })
    const one = start(['worker', ...args], {
      NAMED: machines[machine],
      NODE_OPTIONS: `--import ${pathToFileURL(join(folder.path, 'named.mjs'))}`,
      PATH: `${tools}:${process.env.PATH}`,
    })
    await one.saw('serves')
    return one
  }

  async function open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
    const viewport = { width: 1440, height: 900 }
    const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(within.timeout)
    page.on('pageerror', (error) => mistakes.push(String(error)))
    pages.push(page)
    await page.goto(address)
    await page.getByRole('heading', { level: 1 }).waitFor()
    return page
  }

  async function expectAccessible(page: Page, where: string): Promise<void> {
    await page.evaluate(axe.source)
    const violations = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
      'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
    )
    expect(violations.map(({ id, nodes }) => `${where} ${id}: ${nodes[0].html}`)).toEqual([])
  }

  async function expectText(page: Page): Promise<void> {
    expect(await page.locator('main img[src=x], main td b').count()).toBe(0)
    expect(await page.title()).not.toContain('taken')
  }

  /** The cells of the table of workers, by their machines and the titles of columns. */
  async function rowsIn(page: Page): Promise<Record<string, Record<string, string>>> {
    const [titles, ...rows] = await page
      .locator('.workers tr')
      .evaluateAll((all) =>
        all.map((row) =>
          [...(row as unknown as { cells: { innerText: string }[] }).cells].map((cell) => cell.innerText),
        ),
      )
    return Object.fromEntries(
      rows.map((cells) => [
        cells[titles.indexOf('machine')],
        Object.fromEntries(cells.map((cell, i) => [titles[i], cell])),
      ]),
    )
  }

  const cell = async (page: Page, machine: Machine, title: string) =>
    (await rowsIn(page))[machines[machine]]?.[title] ?? ''

  it('come, work, vanish and are replaced, and the record keeps who did what', async () => {
    writeFileSync(join(folder.path, 'hold'), '')
    await worker('west', '--devices', 'auto')
    const lost = await worker('east')
    const sweeping = start(['sweep', 'sweep.json', '--store', store, '--quiet'])
    dashboard = await startUsual(store)
    const { link } = dashboard

    const page = await open(link)
    await page.getByRole('link', { name: 'far', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'far' }).waitFor()
    const address = page.url()

    // Who is at what, for how long, with which devices.
    await expect.poll(() => cell(page, 'west', 'at'), within).toMatch(/^trial \d for \d.*\ntrial \d for \d/)
    await expect.poll(() => cell(page, 'east', 'at'), within).toMatch(/^trial \d for \d+s$/)
    expect(await cell(page, 'west', 'devices')).toBe('0 NVIDIA A100-SXM4-40GB\n1 NVIDIA A100-SXM4-40GB')
    expect(await cell(page, 'east', 'devices')).toBe('')
    expect(await cell(page, 'east', 'trials done')).toBe('0')
    const before = await cell(page, 'east', 'at')
    await expect.poll(() => cell(page, 'east', 'at'), within).not.toBe(before)
    await expectText(page)
    await expectAccessible(page, 'the sweep')
    const names = { west: await cell(page, 'west', 'worker'), east: await cell(page, 'east', 'worker') }
    const trialIn = (text: string) => Number(/trial (\d+)/.exec(text)![1])
    const trial = trialIn(before)
    const held = trialIn(await cell(page, 'west', 'at'))

    for (const width of [900, 360]) {
      const dark = await open(link, { colorScheme: 'dark', viewport: { width, height: 800 } })
      await dark.goto(address)
      await dark.locator('.workers td').first().waitFor()
      expect(await dark.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      await expectAccessible(dark, `the sweep, dark and ${width} wide`)
      await dark.context().close()
    }

    // By keys to a trial, which says where it runs.
    await page.locator('.workers summary').focus()
    const focused = () => page.evaluate<string>('document.activeElement.textContent')
    for (let presses = 0; presses < 6 && (await focused()) !== `trial ${trial}`; presses++)
      await page.keyboard.press('Tab')
    expect(await focused()).toBe(`trial ${trial}`)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: `Trial ${trial}` }).waitFor()
    await page.getByRole('heading', { name: 'Where it runs' }).waitFor()
    const where = page.locator('section', { has: page.locator('#where-title') })
    await expect.poll(() => where.innerText(), within).toContain(machines.east)
    expect(await where.innerText()).toContain(names.east)
    await expectText(page)
    await expectAccessible(page, 'a trial that runs')
    await page.goBack()
    await page.locator('.workers td').first().waitFor()

    // One vanishes, and is missed; what it was at waits for another.
    lost.signal('SIGKILL')
    await expect.poll(() => cell(page, 'east', 'at'), within).toBe('gone')
    expect(await cell(page, 'east', 'last began or ended a fit')).toMatch(
      /^\d{4}-\d\d-\d\d .*\nmissed at \d{4}-.*/,
    )
    expect(await page.locator('.workers summary').innerText()).toMatch(/2, 1 gone/)
    expect(await cell(page, 'west', 'at')).toMatch(/^trial \d for \d.*\ntrial \d for \d/)
    await expectAccessible(page, 'a worker that is gone')

    // Another one comes, and has it.
    await worker('north')
    await expect.poll(() => cell(page, 'north', 'at'), within).toMatch(new RegExp(`^trial ${trial} for`))
    expect(await cell(page, 'east', 'at')).toBe('gone')
    await page
      .locator('.workers')
      .getByRole('button', { name: `trial ${trial}` })
      .click()
    await expect.poll(() => where.innerText(), within).toContain(machines.north)
    const interruptions = page.locator('section', { has: page.locator('#attempts-title') })
    expect(await interruptions.innerText()).toContain(`worker ${names.east} on ${machines.east} vanished`)
    await expectText(page)
    await page.goBack()

    // To its end, on the page that has been open all the while, and on one that reads it anew.
    rmSync(join(folder.path, 'hold'))
    expect(await sweeping.ended).toMatchObject({ code: 0 })
    const status = () => page.locator('.title-line .status').innerText()
    await expect.poll(status, within).toBe('finished')
    const anew = await open(address)
    await anew.goto(link)
    await anew.goto(address)
    const file = join(folder.path, 'report.html')
    const shown = await open(address)
    expect(await start(['report', '--store', store, '--out', file]).ended).toMatchObject({ code: 0 })
    await shown.goto(pathToFileURL(file).href)
    const tables = []
    for (const [name, one] of Object.entries({ open: page, anew, report: shown })) {
      await one.locator('.workers').waitFor()
      if ((await one.locator('.workers details[open]').count()) === 0)
        await one.locator('.workers summary').click()
      await expect.poll(() => cell(one, 'north', 'trials done'), within).not.toBe('0')
      await expectText(one)
      await expectAccessible(one, name)
      await one.locator('.workers summary').scrollIntoViewIfNeeded()
      const rows = await rowsIn(one)
      tables.push(
        Object.fromEntries(
          Object.entries(rows).map(([machine, { 'trials done': done, worker: id }]) => [machine, [id, done]]),
        ),
      )
      expect(rows[machines.east]['last began or ended a fit']).toMatch(/missed at /)
      expect(Object.keys(rows.north)).not.toContain('at')
      const done = Object.values(rows).map((row) => Number(row['trials done']))
      expect(done.reduce((a, b) => a + b)).toBe(trials)
    }
    expect(tables[1]).toEqual(tables[0])
    expect(tables[2]).toEqual(tables[0])

    // Where a trial ran, on the page and in the report.
    for (const [name, one] of Object.entries({ open: page, report: shown })) {
      await one.evaluate(`location.hash = location.hash.replace(/[?].*/, '') + '/trials/${trial}'`)
      await one.getByRole('heading', { name: 'Where it ran' }).waitFor()
      const main = await one.locator('main').innerText()
      expect(main).toContain(machines.north)
      expect(main).toContain(`worker ${names.east} on ${machines.east} vanished`)
      expect(main).toContain('attempt 0 went on from the checkpoint of step 0')
      await expectText(one)
      await expectAccessible(one, `a trial, ${name}`)
    }

    const run = (await folder.json('runs', 'list', '--sweep', 'latest', '--store', store)).find(
      (one: Document) => one.trial === trial,
    )
    expect((await folder.run('runs', 'show', run.run, '--store', store)).stdout).toContain(
      `done again  after worker ${names.east} on ${machines.east} vanished`,
    )

    // The timeline says who had a fit, with which devices.
    await page.goBack()
    const timeline = page.locator('#timeline-view')
    await timeline.scrollIntoViewIfNeeded()
    // Keys are told of when there is a picture to go through; before, they do nothing.
    const picture = timeline.locator('[role=img][aria-describedby]')
    await page.mouse.move(0, 0)
    await picture.focus()
    const told = new Set<string>()
    for (let at = 0; at < trials; at++) {
      await picture.press('ArrowRight')
      told.add(await timeline.locator('.plot-tip').innerText())
    }
    const all = [...told].join('\n\n')
    expect(all).toMatch(new RegExp(`worker\\s+${names.west} on west<img src=x`))
    expect(all).toMatch(/device\s+[01] NVIDIA A100-SXM4-40GB/)
    expect(all).toMatch(/worker\s+\S+ on north/)
    await expectText(page)

    // What a trial had for itself: one that took long enough to be looked at.
    await page.evaluate(`location.hash = location.hash.replace(/[?].*/, '') + '/trials/${held}'`)
    await expect.poll(() => where.innerText(), within).toMatch(/[01] NVIDIA A100-SXM4-40GB\s+70[01] MB/)
    const more = await where.locator('.device').getAttribute('title')
    expect(more).toMatch(/^40960 MB, driver 550\.54\.15, GPU-(00|11)aa-bb, at most 70[01] MB in use$/)
    expect(mistakes).toEqual([])
  }, 600_000)
})
