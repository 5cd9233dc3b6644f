/**
 * What is asked of a sweep from its page, in a real browser, while another process runs it; and the files that its trials leave, in
 * the live page and in a report.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { report } from '../../src/dashboard/report/index.js'
import type { Dashboard } from '../../src/dashboard/server/index.js'
import { openStore, type ParentRun, type Store } from '../../src/tracking/index.js'
import { describeInBrowser, openBrowser } from '../dashboard/chromium.js'
import { startUsual } from '../dashboard/served.js'
import { temporaryFolder } from '../temporary.js'

const espalier = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const markup = '<b id="drawn">bold</b><script>document.title = "taken"</script>'
const picture = PNG.sync.write(new PNG({ width: 3, height: 2 })).toString('base64')

/** Leaves a file of every kind that is shown, as any program may. */
const program = `
const { writeFileSync } = require('node:fs')
const { join } = require('node:path')
const leave = (name, content) => {
  const path = join(process.env.ESPALIER_DIRECTORY, name)
  writeFileSync(path, content)
  console.log('espalier: ' + JSON.stringify({ artifact: path, name: 'out/' + name }))
}
leave('notes.txt', 'as they came\\nand went')
leave('facts.json', '{"leaves":[1,2]}')
leave('rows.csv', 'name,count\\n"<i>one</i>",1\\n')
leave('dots.png', Buffer.from('${picture}', 'base64'))
leave('drawing.svg', ${JSON.stringify(`<svg xmlns="http://www.w3.org/2000/svg">${markup}</svg>`)})
leave('page.html', ${JSON.stringify(markup)})
console.log('epoch 1')
console.log('espalier: {"final": {"loss": ' + process.argv[2] + '}}')
`

/** Reports for a while, and leaves files of every kind. What begins below 0.5 takes much longer. */
const slow = `
const rest = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve() })
})
export default {
  name: 'slow',
  async objective({ x }, context) {
    for (let step = 1; step <= (x < 0.5 ? 600 : 12) && !context.signal.aborted; step++) {
      context.report(step, { loss: x + 1 / step })
      await rest(100, context.signal)
    }
    context.artifact('notes.txt', 'as they came\\nand went')
    context.artifact('facts.json', '{"leaves":[1,2]}')
    context.artifact('rows.csv', 'name,count\\n"<i>one</i>",1\\n')
    context.artifact('dots.png', Buffer.from('${picture}', 'base64'))
    context.artifact('drawing.svg', ${JSON.stringify(`<svg xmlns="http://www.w3.org/2000/svg">${markup}</svg>`)})
    context.artifact('page.html', ${JSON.stringify(markup)})
    return { loss: x }
  },
}
`

/** Whatever left them: text, JSON, tables and pictures are seen, and markup is text. */
async function expectFiles(page: Page, folder = ''): Promise<void> {
  const shown = (name: string) =>
    page.locator('details.artifact', { has: page.getByText(`${folder}${name}`, { exact: true }) })
  for (const name of ['notes.txt', 'facts.json', 'rows.csv', 'dots.png', 'drawing.svg', 'page.html'])
    await shown(name).locator('summary').click()
  await expect.poll(() => shown('notes.txt').innerText()).toContain('as they came\nand went')
  await expect.poll(() => shown('facts.json').innerText()).toContain('"leaves": [')
  await expect.poll(() => shown('rows.csv').locator('td').allInnerTexts()).toEqual(['<i>one</i>', '1'])
  const width = () =>
    shown('dots.png')
      .locator('img')
      .evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth)
  await expect.poll(width).toBe(3)
  for (const name of ['drawing.svg', 'page.html']) {
    await expect.poll(() => shown(name).innerText()).toContain(markup)
    expect(await shown(name).locator('img').count()).toBe(0)
  }
  expect(await page.locator('#drawn').count()).toBe(0)
  expect(await page.title()).not.toBe('taken')
}

describeInBrowser('a sweep that runs', () => {
  let browser: Browser
  let dashboard: Dashboard
  let store: Store
  let child: ChildProcess
  let ended: Promise<number | null>
  let id: string

  beforeAll(async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'slow.mjs'), slow)
    const file = join(folder, 'sweep.json')
    writeFileSync(
      file,
      JSON.stringify({
        name: 'slow',
        trainer: './slow.mjs',
        objective: { metric: 'loss', direction: 'minimize' },
        parameters: { x: { type: 'float', min: 0, max: 1 } },
        search: {
          ...{ algorithm: 'random', trials: 4, seed: 1, parallel: 2 },
          enqueue: [{ x: 0.1 }, { x: 0.9 }, { x: 0.2 }, { x: 0.3 }],
        },
      }),
    )
    const directory = join(folder, 'runs')
    child = spawn(
      process.execPath,
      [espalier, 'sweep', file, '--store', directory, '--workers', '2', '--quiet'],
      {
        stdio: 'ignore',
      },
    )
    ended = new Promise((resolve) => child.on('close', resolve))
    store = await openStore(directory)
    const begun = async () => (await store.sweeps().catch(() => [] as ParentRun[]))[0]?.id
    for (let tries = 0; (await begun()) === undefined && tries < 400; tries++) await sleep(50)
    id = (await begun())!
    dashboard = await serve(false)
    browser = await openBrowser()
  })
  afterAll(async () => {
    child?.kill('SIGKILL')
    await browser?.close()
    await dashboard?.close()
  })

  function serve(readOnly: boolean): Promise<Dashboard> {
    return startUsual(store.directory, { readOnly })
  }

  async function open(rest = '', of = dashboard): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
    page.setDefaultTimeout(20_000)
    await page.goto(`${of.link}#/sweeps/${id}${rest}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    return page
  }

  const answered = async (kind: string) =>
    ((await store.run(id)) as ParentRun).requests.filter(({ act }) => act.kind === kind).at(-1)
  const within = { timeout: 20_000 }

  it('is opened by the link itself, and its running trials have their learning curves', async () => {
    const page = await open()
    await page.getByRole('heading', { level: 1, name: 'slow' }).waitFor()
    await expect.poll(() => page.locator('.title-line .status').innerText(), within).toBe('running')
    const steps = page.locator('#steps-view')
    await steps.scrollIntoViewIfNeeded()
    await expect.poll(() => steps.innerText(), within).toContain('2 selected trials by step.')
    await page.close()
    const alone = await open('/trials/0')
    await expect.poll(() => alone.locator('main').innerText(), within).toContain('1 selected trial by step.')
    await alone.close()
  })

  it('takes further trials and params to try, and says what became of them', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Extend …' }).click()
    await page.getByRole('spinbutton', { name: 'Further trials' }).fill('3')
    await page.getByRole('button', { name: 'Extend', exact: true }).click()
    await expect.poll(() => page.locator('.said').innerText(), within).toContain('it comes to 7 trials')
    await page.getByRole('button', { name: 'Try params …' }).click()
    await page.getByRole('spinbutton', { name: /^x/ }).fill('0.75')
    await page.getByRole('button', { name: 'Try them' }).click()
    await expect.poll(() => page.locator('.said').innerText(), within).toMatch(/trial \d gets these params/)
    expect(await answered('extend')).toMatchObject({ outcome: 'done', act: { by: 3 } })
    expect(await answered('enqueue')).toMatchObject({ outcome: 'done', act: { params: { x: 0.75 } } })
    await expect.poll(() => page.title(), within).toContain('/7 ')
    await page.close()
  })

  it('takes a note, and what it takes is text', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Note …' }).click()
    await page.getByRole('textbox', { name: /^Note/ }).fill(markup)
    await page.getByRole('button', { name: 'Keep the note' }).click()
    await expect.poll(() => page.locator('main').innerText(), within).toContain(markup)
    expect(await answered('note')).toMatchObject({ outcome: 'done', act: { trial: null, text: markup } })
    await page.close()
  })

  it('takes a tag and a note of one trial, shows them there, and takes the tag away again', async () => {
    const page = await open('/trials/0')
    const main = () => page.locator('main').innerText()
    await page.getByRole('button', { name: 'Tag …' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('kind')
    await page.getByRole('textbox', { name: 'Value' }).fill(markup)
    await page.getByRole('button', { name: 'Set the tag' }).click()
    await expect.poll(() => page.locator('.tags').innerText(), within).toBe(`kind ${markup}`)
    expect(await answered('tag')).toMatchObject({
      outcome: 'done',
      act: { trial: 0, tags: { kind: markup } },
    })
    await page.getByRole('button', { name: 'Note …' }).click()
    await page.getByRole('textbox', { name: /^Note/ }).fill('slow, and worth it')
    await page.getByRole('button', { name: 'Keep the note' }).click()
    await expect.poll(main, within).toContain('slow, and worth it')
    expect(await answered('note')).toMatchObject({ outcome: 'done', act: { trial: 0 } })
    // It runs on, and a page that is opened now says the same; the sweep itself has no such tag.
    const { tags } = (await store.trials(id)).find(({ trial }) => trial === 0)!
    expect(tags).toMatchObject({ kind: markup, 'espalier.note': 'slow, and worth it' })
    expect((await store.run(id)).tags).not.toHaveProperty('kind')
    await page.getByRole('button', { name: 'Tag …' }).click()
    await page.getByRole('button', { name: 'Take the tag kind away' }).click()
    await expect.poll(() => page.locator('.tags').count(), within).toBe(0)
    await page.getByRole('button', { name: /note …/i }).click()
    expect(await page.getByRole('textbox', { name: /^Note/ }).inputValue()).toBe('slow, and worth it')
    await page.close()
  })

  it('ends one trial, and goes on with the others', async () => {
    const page = await open('/trials/0')
    await page.getByRole('button', { name: 'End …' }).click()
    await page.getByRole('button', { name: 'End it' }).click()
    await expect.poll(() => page.locator('.said').innerText(), within).toContain('trial 0 is ended')
    await expect.poll(() => page.locator('.title-line .status').innerText(), within).not.toBe('running')
    expect(await page.getByRole('button', { name: 'End …' }).count()).toBe(0)
    expect(await answered('end-trial')).toMatchObject({ outcome: 'done', trial: 0 })
    expect((await store.run(id)).status).toBe('running')
    await page.close()
  })

  it('keeps files of its trials, which are shown as text, tables and pictures, and never as markup', async () => {
    await expect
      .poll(async () => (await store.trials(id)).find(({ trial }) => trial === 1)?.status, within)
      .toBe('finished')
    const live = await open('/trials/1')
    await expectFiles(live)
    await live.close()
    const file = join(temporaryFolder(), 'report.html')
    writeFileSync(file, await report(store, id))
    const kept = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await kept.goto(`${pathToFileURL(file).href}#/sweeps/${id}/trials/1`)
    await expectFiles(kept)
    await kept.close()
  })

  it('offers nothing of that on a page that only shows', async () => {
    const shownOnly = await serve(true)
    for (const rest of ['', '/trials/1']) {
      const page = await open(rest, shownOnly)
      await page.getByText('read only').waitFor()
      expect(await page.getByRole('group', { name: 'Acts' }).count()).toBe(0)
      await page.close()
    }
    await shownOnly.close()
  })

  it('stops when it is asked to, once the trials that run have ended', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Stop …' }).click()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await expect.poll(() => page.locator('.said').innerText(), within).toContain('no further trial begins')
    for (const { trial, status } of await store.trials(id))
      if (status === 'running') await store.ask(id, { kind: 'end-trial', trial })
    expect(await ended).toBe(130)
    await expect.poll(() => page.locator('.title-line .status').innerText(), within).toBe('interrupted')
    expect(await page.getByRole('button', { name: 'Stop …' }).count()).toBe(0)
    await page.close()
  })
})

describeInBrowser('a sweep of a program', () => {
  it('keeps the files that the program left, and what it printed, which are shown live and in a report', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'train.cjs'), program)
    const file = join(folder, 'sweep.json')
    writeFileSync(
      file,
      JSON.stringify({
        name: 'program',
        trainer: { command: [process.execPath, 'train.cjs', '{x}'] },
        objective: { metric: 'loss', direction: 'minimize' },
        parameters: { x: { type: 'float', min: 0, max: 1 } },
        search: { algorithm: 'random', trials: 2, seed: 1 },
      }),
    )
    const directory = join(folder, 'runs')
    execFileSync(process.execPath, [espalier, 'sweep', file, '--store', directory, '--quiet'])
    const store = await openStore(directory)
    const [{ id }] = await store.sweeps()
    const written = join(folder, 'report.html')
    writeFileSync(written, await report(store, id))
    const dashboard = await startUsual(directory)
    const browser = await openBrowser()
    try {
      for (const address of [dashboard.link, pathToFileURL(written).href]) {
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
        await page.goto(`${address}#/sweeps/${id}/trials/1`)
        await expectFiles(page, 'out/')
        const printed = page.locator('details.artifact', { hasText: 'stdout.txt' })
        await printed.locator('summary').click()
        await expect.poll(() => printed.innerText()).toContain('epoch 1')
        await page.close()
      }
    } finally {
      await browser.close()
      await dashboard.close()
    }
  })
})
