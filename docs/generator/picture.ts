/**
 * The picture of the README: the report of a sweep on real data as a browser shows it. `npm run docs:picture`, on a built package
 * with a Chromium; not part of `npm run docs`, as ids and times differ from run to run.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { openBrowser } from '../../test/dashboard/chromium.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'espalier-picture-'))
const report = join(folder, 'report.html')
const espalier = (...args: string[]) =>
  execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), ...args, '--store', folder], {
    cwd: root,
    stdio: 'ignore',
  })

const browser = await openBrowser()
try {
  espalier('sweep', 'search-spaces/wine-knn.json')
  espalier('report', '--out', report)
  const context = await browser.newContext({
    viewport: { width: 1440, height: 1260 },
    colorScheme: 'light',
  })
  const page = await context.newPage()
  await page.goto(`${pathToFileURL(report)}`)
  await page.waitForSelector('.plot-stage')
  // What comes into view is drawn then.
  await page.waitForTimeout(2000)
  // Without the bar above, which has the place of the store.
  const { y, height } = (await page.locator('header').first().boundingBox())!
  const clip = { x: 0, y: y + height, width: 1440, height: 1260 - y - height }
  await page.screenshot({ path: join(root, 'docs', 'picture.png'), clip })
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
