/** The page in a real browser, live and from a report: every route, with every kind of sweep. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { report } from '../../src/dashboard/report/index.js'
import type { Dashboard } from '../../src/dashboard/server/index.js'
import { readTrialTable, recordForeign } from '../../src/exchange/index.js'
import { newSweepId, openStore } from '../../src/tracking/index.js'
import { describeInBrowser, openBrowser } from '../dashboard/chromium.js'
import { startUsual } from '../dashboard/served.js'
import { makeSweep } from '../dashboard/sweeps.js'
import { temporaryFolder } from '../temporary.js'

const wide = { width: 1440, height: 900 }
/** Found by name: ids of the sweeps of the store. */
const ids: Record<string, string> = {}
let browser: Browser
let dashboard: Dashboard
let store: string

describeInBrowser('the page', () => {
  beforeAll(async () => {
    store = join(temporaryFolder(), 'store')
    const shapes = [
      { name: 'none', trials: 0 },
      { name: 'one', trials: 1 },
      { name: 'thirty', trials: 30 },
      { name: 'failures', trials: 12, onlyFailures: true },
      { name: 'hostile', trials: 20, hostile: true },
    ]
    for (const { name, hostile, ...shape } of shapes)
      ids[name] = (await makeSweep(store, hostile ? { ...shape, hostile } : { name, ...shape })).id
    const table = join(temporaryFolder(), 'imported.csv')
    writeFileSync(table, 'params.k,value,metrics.size\n1,0.5,3\n2,0.25,4\n3,inf,5\n')
    const opened = await openStore(store)
    const { sweep } = await recordForeign(
      opened,
      await readTrialTable(table, { value: 'value', direction: 'minimize' }),
    )
    ids.imported = sweep
    dashboard = await startUsual(store)
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await dashboard?.close()
  })

  interface Opened {
    readonly page: Page
    readonly context: BrowserContext
    /** What went wrong in it. */
    readonly mistakes: string[]
  }

  async function open(address: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
    const context = await browser.newContext({ viewport: wide, reducedMotion: 'reduce', ...options })
    const page = await context.newPage()
    const mistakes: string[] = []
    page.on('pageerror', (error) => mistakes.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') mistakes.push(`${message.text()} ${message.location().url}`)
    })
    await page.goto(dashboard.link)
    await page.goto(`http://127.0.0.1:${dashboard.port}/${address}`)
    return { page, context, mistakes }
  }

  /** Scrolls through all of it, so that everything is made that is made when it comes into view. */
  async function seeAll(page: Page): Promise<void> {
    await page.waitForTimeout(300)
    for (let y = 0; ; y += 700) {
      await page.evaluate(`scrollTo(0, ${y})`)
      await page.waitForTimeout(60)
      if ((await page.evaluate<number>('document.documentElement.scrollHeight - innerHeight')) <= y) break
    }
    await page.evaluate('scrollTo(0, 0)')
  }

  async function expectNoViolations(page: Page, where: string): Promise<void> {
    await page.evaluate(axe.source)
    const violations = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
      'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
    )
    expect(violations.map(({ id, nodes }) => `${where} ${id}: ${nodes[0].html}`)).toEqual([])
  }

  const sweepOf = (name: string, rest = '') => `#/sweeps/${ids[name]}${rest}`

  it.each([
    ['all sweeps', () => '#/', 'All sweeps'],
    ['a sweep without trials', () => sweepOf('none'), 'none'],
    ['a sweep of one trial', () => sweepOf('one'), 'one'],
    ['a sweep of thirty, with conditional parameters', () => sweepOf('thirty'), 'thirty'],
    ['a sweep of failures', () => sweepOf('failures'), 'failures'],
    ['a sweep that was imported', () => sweepOf('imported'), 'imported'],
    ['a trial', () => sweepOf('thirty', '/trials/3'), 'Trial 3'],
    ['a failed trial', () => sweepOf('failures', '/trials/3'), 'Trial 3'],
    ['two sweeps', () => `#/compare?ids=${ids.thirty},${ids.one}`, '2 sweeps compared'],
    ['an address that means nothing', () => '#/nowhere', 'This address means nothing'],
    ['a sweep that is not there', () => '#/sweeps/0000000000000000', 'This sweep cannot be shown'],
    ['a trial that is not there', () => sweepOf('thirty', '/trials/99'), 'Trial 99 cannot be shown'],
  ])(
    'shows %s at each width, without a mistake and without scrolling sideways',
    async (what, address, title) => {
      for (const width of [1440, 900, 360]) {
        const { page, context, mistakes } = await open(address(), { viewport: { width, height: 800 } })
        await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
        await seeAll(page)
        expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
        const expected =
          what === 'a sweep that is not there' ? mistakes.filter((one) => !one.includes('404')) : mistakes
        expect(expected).toEqual([])
        await context.close()
      }
    },
  )

  it('offers nothing of an imported sweep that would be refused, and no times that nobody knows', async () => {
    const { page, context, mistakes } = await open(sweepOf('imported'))
    await page.getByText('Commands', { exact: true }).click()
    await seeAll(page)
    const whole = await page.innerText('main')
    expect(whole).toContain(`sweep FILE.json --warm-start ${ids.imported.slice(0, 8)}`)
    expect(whole).toContain('No trial says when it ran.')
    expect(whole).toContain('Each trial by size and value.')
    expect(whole).not.toMatch(/reproduce|predict|took|\b0s\b/)
    await page.goto(`http://127.0.0.1:${dashboard.port}/${sweepOf('imported', '/trials/1')}`)
    await page.getByText('imported from a table, which does not say why').waitFor()
    expect(await page.innerText('main')).not.toMatch(/reproduce|predict|took|not recorded/)
    expect(mistakes).toEqual([])
    await context.close()
  })

  it.each(['light', 'dark'] as const)('is found accessible by axe in %s', async (colorScheme) => {
    for (const address of [
      '#/',
      sweepOf('thirty'),
      sweepOf('failures'),
      sweepOf('none'),
      sweepOf('thirty', '/trials/3'),
      `#/compare?ids=${ids.thirty},${ids.one}`,
      '#/nowhere',
    ]) {
      const { page, context } = await open(address, { colorScheme })
      await page.getByRole('heading', { level: 1 }).waitFor()
      await seeAll(page)
      if (address === sweepOf('thirty')) await page.locator('.chooser summary').click()
      if (address === sweepOf('none')) await page.getByRole('button', { name: 'Note …' }).click()
      await expectNoViolations(page, address)
      await context.close()
    }
  })

  it('selects by a query as the command line does, says what is wrong with one, and goes back', async () => {
    const { page, context } = await open(sweepOf('thirty'))
    const field = page.getByRole('textbox', { name: 'where' })
    const count = page.locator('.selection-count')
    await field.fill("params.kernel = 'rbf' and status = finished")
    await field.press('Enter')
    const wanted = (
      await (
        await openStore(store)
      ).runs({ sweep: ids.thirty, where: "params.kernel = 'rbf' and status = finished" })
    ).length
    expect(wanted).toBeGreaterThan(0)
    await expect.poll(() => count.innerText()).toBe(`${wanted} of 30 trials selected`)
    const link = page.url()
    expect(link).toContain("where=params.kernel+=+'rbf'")
    await field.fill('params.kernle = 1')
    await field.press('Enter')
    await expect
      .poll(() => page.getByRole('alert').innerText())
      .toContain('no run here has a param "kernle"; did you mean params.kernel?')
    expect(await count.innerText()).toBe('0 of 30 trials selected')
    await page.goBack()
    await expect.poll(() => count.innerText()).toBe(`${wanted} of 30 trials selected`)
    await page.goBack()
    await expect.poll(() => count.innerText()).toBe('30 of 30 trials selected')
    await context.close()
    const other = await open(new URL(link).hash)
    await expect
      .poll(() => other.page.locator('.selection-count').innerText())
      .toBe(`${wanted} of 30 trials selected`)
    await other.context.close()
  })

  it('shows the same by a link: brushes, share, picks, order and columns of the table', async () => {
    const rest = '?brush.params.depth=1..16&top=50&picked=0,1,2,3,4,5,6,7,8,9&sort=-value&columns=trial,value'
    const { page, context } = await open(sweepOf('thirty', rest))
    await page.locator('#trials-title').scrollIntoViewIfNeeded()
    await page.locator('[role=row][data-trial]').first().waitFor()
    expect(await page.getByRole('columnheader').allInnerTexts()).toEqual([
      'trial',
      expect.stringMatching(/^accuracy\s*↓/),
    ])
    const values = (await page.locator('td.objective').allInnerTexts()).map(Number)
    expect(values.length).toBeGreaterThan(2)
    expect(values).toEqual([...values].sort((a, b) => b - a))
    await page.getByRole('button', { name: 'Remove depth 1 to 16' }).click()
    await expect.poll(() => page.url()).not.toContain('brush')
    await page.getByRole('button', { name: 'Clear' }).click()
    await expect.poll(() => page.url()).not.toMatch(/top|picked/)
    expect(page.url()).toContain('sort=-value&columns=trial,value')
    await context.close()
  })

  it('is used by keys: the table moves, picks and opens; the trial leads on and back', async () => {
    const { page, context } = await open(sweepOf('thirty'))
    await page.locator('#trials-title').scrollIntoViewIfNeeded()
    const grid = page.getByRole('grid', { name: 'Trials' })
    await grid.focus()
    for (const key of ['ArrowDown', 'ArrowDown', ' ', 'End', ' ', 'Home', 'PageDown']) await grid.press(key)
    await expect.poll(() => page.url()).toContain('picked=1,29')
    expect(await page.locator('[role=row][aria-selected=true]').count()).toBeGreaterThan(0)
    expect(await grid.getAttribute('aria-rowcount')).toBe('31')
    await grid.press('Home')
    await grid.press('ArrowDown')
    await grid.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Trial 1' }).waitFor()
    await page.getByRole('link', { name: 'next' }).click()
    await page.getByRole('heading', { level: 1, name: 'Trial 29' }).waitFor()
    await page.goBack()
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'thirty' }).waitFor()
    expect(page.url()).toContain('picked=1,29')
    await context.close()
  })

  it('is where one was when one comes back from a trial, by a link or by the button of the browser', async () => {
    const { page, context } = await open(sweepOf('thirty'))
    await page.locator('[data-best]').waitFor()
    await seeAll(page)
    const place = () => page.evaluate<number>('scrollY')
    for (const back of ['link', 'button']) {
      await page.evaluate('scrollTo(0, 1500)')
      await expect.poll(place).toBe(1500)
      await page.waitForTimeout(100)
      await page.evaluate(`location.hash = ${JSON.stringify(sweepOf('thirty', '/trials/3'))}`)
      await page.getByRole('heading', { level: 1, name: 'Trial 3' }).waitFor()
      await expect.poll(place).toBe(0)
      if (back === 'button') await page.goBack()
      else await page.locator('.crumbs').getByRole('link', { name: 'thirty' }).click()
      await page.getByRole('heading', { level: 1, name: 'thirty' }).waitFor()
      await expect.poll(async () => Math.abs((await place()) - 1500)).toBeLessThan(40)
    }
    await context.close()
  })

  it('has how the list is looked at in its address, and goes back to it', async () => {
    const { page, context } = await open('#/')
    await page.getByRole('searchbox').fill('o')
    await page.getByRole('combobox', { name: 'status' }).selectOption('finished')
    await page.getByRole('checkbox', { name: 'by experiment' }).uncheck()
    await page.getByRole('columnheader', { name: /^best/ }).getByRole('button').click()
    await expect.poll(() => new URL(page.url()).hash).toBe('#/?find=o&status=finished&grouped=no&order=-best')
    const names = () => page.locator('.cell-name a').allInnerTexts()
    const listed = await names()
    expect(listed.slice(0, 2)).not.toContain('thirty')
    expect(listed.at(-1)).toBe('none')
    await page.getByRole('link', { name: 'one', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'one' }).waitFor()
    await page.getByRole('link', { name: 'All sweeps' }).click()
    await expect.poll(names).toEqual(listed)
    await page.reload()
    await expect.poll(names).toEqual(listed)
    await context.close()
  })

  it('leads by the link beside a sweep to that sweep, as soon as it has begun', async () => {
    const id = newSweepId()
    const { page, context } = await open(`#/begun/${id}`)
    await page.getByRole('heading', { level: 1, name: 'The sweep is about to begin' }).waitFor()
    await Promise.all([
      makeSweep(store, { trials: 2, name: 'another one' }),
      makeSweep(store, { trials: 2, name: 'next one', id }),
    ])
    await page.getByRole('heading', { level: 1, name: 'next one' }).waitFor()
    expect(new URL(page.url()).hash).toBe(`#/sweeps/${id}`)
    await context.close()
  })

  it('has sliders whose thumbs stand where they are, and speaks of log axes', async () => {
    const { page, context } = await open(sweepOf('thirty'))
    await page.locator('[data-best]').waitFor()
    await seeAll(page)
    const padded = `[...document.querySelectorAll('input[type=range]')].map((one) => getComputedStyle(one).paddingLeft)`
    const paddings = await page.evaluate<string[]>(padded)
    expect(paddings.length).toBeGreaterThan(1)
    expect(new Set(paddings)).toEqual(new Set(['0px']))
    const words = await page.locator('main').innerText()
    expect(words).not.toContain('decades')
    expect(words).not.toMatch(/(^|\D)0 % of what mattered/)
    expect(words).toContain('log axis of values')
    await context.close()
  })

  it('holds names, notes, errors and values of strangers as text', async () => {
    const { page, context, mistakes } = await open('#/')
    await page.getByText('\\u{202e}gnp.exe').first().waitFor()
    for (const address of [sweepOf('hostile'), sweepOf('hostile', '/trials/0')]) {
      await page.goto(`http://127.0.0.1:${dashboard.port}/${address}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await seeAll(page)
      expect(await page.evaluate('document.querySelectorAll("img[src=x], #page script").length')).toBe(0)
      expect(await page.title()).not.toBe('taken')
      expect(await page.evaluate<string>('document.body.innerText')).not.toContain('\u202e')
    }
    expect(mistakes).toEqual([])
    await context.close()
  })

  it('takes a tag and says what became of it', async () => {
    const { page, context } = await open(sweepOf('one'))
    await page.getByRole('button', { name: 'Tag …' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('kind')
    await page.getByRole('textbox', { name: 'Value' }).fill('draft')
    await page.getByRole('button', { name: 'Set the tag' }).click()
    await expect.poll(() => page.locator('.said').innerText()).not.toMatch(/^(asked …)?$/)
    await expect.poll(() => page.locator('.tags').first().innerText(), { timeout: 10_000 }).toContain('draft')
    const run = await (await openStore(store)).run(ids.one)
    expect(run.tags).toMatchObject({ kind: 'draft' })
    await context.close()
  })

  it('shows a sweep of another process as it appears and grows', async () => {
    const { page, context } = await open('#/')
    await page.getByRole('heading', { level: 1, name: 'All sweeps' }).waitFor()
    let goOn = () => {}
    const seen = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const made = makeSweep(store, {
      trials: 5,
      name: 'growing',
      goOn: async (_writer, record) => {
        await seen
        for (let trial = 5; trial < 12; trial++) await record(trial)
      },
    })
    await page.getByRole('link', { name: 'growing' }).click()
    const count = page.locator('.selection-count')
    await expect.poll(() => count.innerText()).toBe('5 of 5 trials selected')
    await expect.poll(() => page.title()).toMatch(/^5\/5 .*growing/)
    goOn()
    await expect.poll(() => count.innerText(), { timeout: 10_000 }).toBe('12 of 12 trials selected')
    await made
    await expect
      .poll(() => page.locator('.title-line .status').innerText(), { timeout: 10_000 })
      .toBe('finished')
    await context.close()
  })

  it('says that the connection is lost, and goes on where it was without a reload', async () => {
    const { page, context } = await open(sweepOf('thirty'))
    await page.locator('.selection-count').waitFor()
    await context.setOffline(true)
    // A stream that stands is not cut by that: it is opened anew.
    await page.evaluate(
      'Object.defineProperty(document, "hidden", { get: () => true, configurable: true }); document.dispatchEvent(new Event("visibilitychange")); delete document.hidden; document.dispatchEvent(new Event("visibilitychange"))',
    )
    await page.getByText('connection lost, trying again').waitFor()
    await context.setOffline(false)
    await page.getByText('connection lost, trying again').waitFor({ state: 'detached', timeout: 20_000 })
    await context.close()
  })

  it('says where to go once the dashboard was started anew, goes on with its link, and knows what happened meanwhile', async () => {
    const own = join(temporaryFolder(), 'store')
    const deleted = await makeSweep(own, { trials: 3, name: 'deleted' })
    const first = await startUsual(own)
    const context = await browser.newContext({ viewport: wide })
    const page = await context.newPage()
    await page.goto(first.link)
    await page.getByRole('link', { name: 'deleted', exact: true }).click()
    await page.locator('.selection-count').waitFor()
    await first.close()
    await (await openStore(own)).delete(deleted.id)
    await makeSweep(own, { trials: 2, name: 'later' })
    const second = await startUsual(own, { port: first.port, readOnly: true })
    try {
      await page.getByText('This page needs the link that the command printed').waitFor({ timeout: 20_000 })
      await (await context.newPage()).goto(second.link)
      await page.getByText('It is not in the store any more').waitFor({ timeout: 20_000 })
      expect(await page.getByText('connection lost').count()).toBe(0)
      expect(await page.getByText('read only', { exact: true }).count()).toBe(1)
      await page.getByRole('link', { name: 'All sweeps' }).click()
      await page.getByRole('link', { name: 'later', exact: true }).waitFor()
      expect(await page.getByRole('link', { name: 'deleted', exact: true }).count()).toBe(0)
    } finally {
      await context.close()
      await second.close()
    }
  }, 60_000)

  it('opens as a report from a file, with selection, back and trials, and asks nothing of a network', async () => {
    const file = join(temporaryFolder(), 'report.html')
    writeFileSync(file, await report(await openStore(store), [ids.thirty, ids.hostile]))
    const context = await browser.newContext({ viewport: wide, offline: true })
    const page = await context.newPage()
    const mistakes: string[] = []
    page.on('pageerror', (error) => mistakes.push(String(error)))
    page.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) mistakes.push(request.url())
    })
    await page.goto(pathToFileURL(file).href)
    await page.getByRole('link', { name: 'thirty' }).click()
    await page.locator('[data-best]').waitFor()
    await page.getByRole('textbox', { name: 'where' }).fill('params.depth > 16')
    await page.getByRole('textbox', { name: 'where' }).press('Enter')
    await expect.poll(() => page.url()).toContain('where=params.depth')
    await seeAll(page)
    await page.goBack()
    await expect.poll(() => page.locator('.selection-count').innerText()).toBe('30 of 30 trials selected')
    await expectNoViolations(page, 'report')
    await page.goto(`${pathToFileURL(file).href}${sweepOf('thirty', '/trials/2')}`)
    await page.getByRole('heading', { level: 1, name: 'Trial 2' }).waitFor()
    await expectNoViolations(page, 'trial in a report')
    expect(await page.getByRole('button', { name: 'Tag …' }).count()).toBe(0)
    expect(mistakes).toEqual([])
    await context.close()
  })

  it('says of a metric that a report does not tell of that it does not, and of which it does', async () => {
    const file = join(temporaryFolder(), 'report.html')
    writeFileSync(file, await report(await openStore(store), ids.thirty))
    const context = await browser.newContext({ viewport: wide })
    const page = await context.newPage()
    await page.goto(pathToFileURL(file).href)
    await page.getByLabel('what mattered for').selectOption('accuracyStd')
    await page
      .getByText('What mattered cannot be told: This report says what mattered for accuracy')
      .waitFor()
    await page.getByText('Whether anything is wrong cannot be told').waitFor()
    await page.getByLabel('what mattered for').selectOption('accuracy')
    await page.getByText('cannot be told').first().waitFor({ state: 'detached' })
    await context.close()
  })

  it('opens as a report of one sweep on that sweep, and its list is there for whoever asks for it', async () => {
    const file = join(temporaryFolder(), 'report.html')
    writeFileSync(file, await report(await openStore(store), ids.thirty))
    const context = await browser.newContext({ viewport: wide, offline: true })
    const page = await context.newPage()
    await page.goto(pathToFileURL(file).href)
    await page.getByRole('heading', { level: 1, name: 'thirty' }).waitFor()
    await page.getByRole('link', { name: 'All sweeps' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sweeps of this report' }).waitFor()
    await context.close()
  })

  it('of 50,000 trials has few rows in the document, and reaches the last', async () => {
    const { id } = await makeSweep(store, { trials: 50_000, name: 'many', steps: 1 })
    const { page, context, mistakes } = await open(`#/sweeps/${id}`)
    await page.locator('[data-best]').waitFor()
    await expect
      .poll(() => page.locator('.selection-count').innerText(), { timeout: 60_000 })
      .toBe('50,000 of 50,000 trials selected')
    await page.getByRole('button', { name: 'Trials', exact: true }).click()
    const grid = page.getByRole('grid', { name: 'Trials' })
    await grid.focus()
    await grid.press('End')
    await page.locator('#trial-49999').waitFor()
    expect(await page.locator('[role=row][data-trial]').count()).toBeLessThan(80)
    expect(await grid.getAttribute('aria-rowcount')).toBe('50001')
    expect(mistakes).toEqual([])
    await context.close()
  })
})
