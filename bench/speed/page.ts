/**
 * The page in a real browser, over made-up sweeps of 20 parameters: how soon the best is seen, how soon its history is drawn, how
 * many frames a second a brush is dragged at, what it holds in memory; and how large the page and a report are. Needs the built
 * package and a Chromium. `npm run bench:page -- 1000 10000` takes other numbers of trials.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../../test/dashboard/chromium.js'
import { makeSweep } from '../../test/dashboard/sweeps.js'
import { figure, machine, table } from '../report.js'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const dragSteps = 90
// What runs in the page, as its text: its globals are not those of a bench.
const whenPainted =
  'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() / 1000))))'
const hasInk = `(() => {
  const canvas = document.querySelector('.plot-stage canvas')
  if (canvas === null || canvas.width === 0) return false
  return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0)
})()`
const countFrames = `(() => {
  globalThis.times = []
  const note = (at) => {
    times.push(at)
    requestAnimationFrame(note)
  }
  requestAnimationFrame(note)
})()`
const sizes = process.argv.slice(2).map(Number)
if (sizes.length === 0) sizes.push(1000, 10_000, 50_000)

const kilobytes = (file: string) => gzipSync(readFileSync(file), { level: 9 }).length / 1000
const megabytes = (bytes: number) => `${figure(bytes / 1e6)} MB`

console.log(`${machine()}\n`)
const files = ['page.js', 'page.css', 'index.html'].map((name) => [
  name,
  kilobytes(fileURLToPath(import.meta.resolve(`#page/${name}`))),
])
const whole = files.reduce((sum, [, size]) => sum + (size as number), 0)
console.log(
  `The page with its libraries: ${figure(whole)} kB gzipped (${files.map(([name, size]) => `${name} ${figure(size as number)}`).join(', ')}). To reach: 120.\n`,
)

const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-'))
const browser = await openBrowser()
try {
  const rows = []
  for (const trials of sizes) rows.push([figure(trials), ...(await measure(browser, trials))])
  const head = [
    'trials',
    'list s',
    'best s',
    'history s',
    'frames/s',
    'slowest ms',
    'heap',
    'server',
    'report s',
    'file',
    'opens s',
  ]
  console.log(table([head, ...rows]))
  console.log(
    "\nSeconds from the navigation to what is seen: the list of sweeps; of a link to the sweep the value of its best, and its history as drawn.\nFrames while a brush is dragged in parallel coordinates; of the page's script, the memory; of the server, the most it held. To reach at 50,000: 2 s, 30 frames a second.",
  )
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}

async function measure(browser: Browser, trials: number): Promise<string[]> {
  const store = join(folder, String(trials))
  const { id } = await makeSweep(store, { trials })
  const { server, link } = await serve(store)
  try {
    const list = await opened(browser, link, `a[href*="${id}"]`)
    const linked = `${link}#/sweeps/${id}`
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    const best = await seen(page, linked, '[data-best]')
    const history = await drawn(page)
    const frames = await brush(page)
    const client = await context.newCDPSession(page)
    await client.send('HeapProfiler.collectGarbage')
    const { usedSize } = await client.send('Runtime.getHeapUsage')
    await context.close()
    const held = mostHeld(server)
    const file = join(folder, `${trials}.html`)
    const began = performance.now()
    execFileSync(process.execPath, [main, 'report', id, '--out', file, '--store', store], { stdio: 'pipe' })
    const reported = (performance.now() - began) / 1000
    const opens = await opened(browser, `${pathToFileURL(file)}#/sweeps/${id}`, '[data-best]')
    return [
      ...[list, best, history].map(figure),
      figure(frames.rate),
      figure(frames.slowest),
      megabytes(usedSize),
      held,
      figure(reported),
      megabytes(statSync(file).size),
      figure(opens),
    ]
  } finally {
    server.kill('SIGINT')
  }
}

async function serve(store: string): Promise<{ server: ChildProcess; link: string }> {
  const server = spawn(process.execPath, [main, 'dashboard', '--port', '0', '--store', store], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const link = await new Promise<string>((resolve, reject) => {
    let text = ''
    server.stdout.on('data', (chunk) => {
      text += chunk
      const found = /http:\S+/.exec(text)
      if (found) resolve(found[0])
    })
    server.on('exit', () => reject(new Error('the server ended')))
  })
  return { server, link }
}

async function opened(browser: Browser, address: string, selector: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const seconds = await seen(await context.newPage(), address, selector)
  await context.close()
  return seconds
}

/** Seconds until what is looked for is in the page, and has been painted. */
async function seen(page: Page, address: string, selector: string): Promise<number> {
  await page.goto(address, { waitUntil: 'commit' })
  await page.waitForSelector(selector, { timeout: 120_000 })
  return page.evaluate(whenPainted)
}

/** Seconds from the navigation until the first plot has been drawn. */
async function drawn(page: Page): Promise<number> {
  // Asked from here: the policy of the page lets no text be evaluated in it.
  while (!(await page.evaluate(hasInk))) await page.waitForTimeout(20)
  return page.evaluate('performance.now() / 1000')
}

/** Drags along an axis of the parallel coordinates, and counts the frames meanwhile. */
async function brush(page: Page): Promise<{ rate: number; slowest: number }> {
  const plot = page.locator('.plot', { hasText: 'All parameters at once' })
  await plot.scrollIntoViewIfNeeded()
  // All that is drawn when it comes into view has been.
  await page.waitForTimeout(5000)
  const stage = plot.locator('.plot-stage')
  const x = await axisOf(page, (await stage.boundingBox())!)
  // The button that takes back what was brushed stands elsewhere on the page.
  await plot.scrollIntoViewIfNeeded()
  const box = (await stage.boundingBox())!
  const before = await selected(page)
  await page.evaluate(countFrames)
  await drag(page, x, box, dragSteps)
  const times: number[] = await page.evaluate('times')
  await page.mouse.up()
  await page.evaluate(whenPainted)
  if ((await selected(page)) === before) throw new Error('the brush selected nothing else than before')
  const gaps = times.slice(1).map((at, i) => at - times[i])
  return { rate: (1000 * gaps.length) / (times[times.length - 1] - times[0]), slowest: Math.max(...gaps) }
}

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Presses, and drags downwards; the button stays down. */
async function drag(page: Page, x: number, { y, height }: Box, steps: number): Promise<void> {
  await page.mouse.move(x, y + height * 0.3)
  await page.mouse.down()
  for (let step = 1; step <= steps; step++)
    await page.mouse.move(x, y + height * (0.3 + (0.5 * step) / steps))
}

/** Where an axis stands that can be brushed: the first from the middle on at which dragging changes what is selected. */
async function axisOf(page: Page, box: Box): Promise<number> {
  const before = await selected(page)
  for (let x = box.x + box.width / 2; x < box.x + box.width; x += 6) {
    await drag(page, x, box, 2)
    await page.mouse.up()
    await page.evaluate(whenPainted)
    if ((await selected(page)) === before) continue
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    await page.evaluate(whenPainted)
    return x
  }
  throw new Error('the parallel coordinates have no axis that can be brushed')
}

/** How many trials are selected, as the page says it. */
async function selected(page: Page): Promise<string | null> {
  return page.textContent('.selection-count strong')
}

/** The most memory a process has held. */
function mostHeld({ pid }: ChildProcess): string {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found === null ? '-' : megabytes(Number(found[1]) * 1024)
  } catch {
    return '-'
  }
}
