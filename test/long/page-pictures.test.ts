/**
 * Pictures of plots against those that are kept in test/dashboard/page/pictures. What is compared is what is drawn: lines, points,
 * bars, surfaces, in light and dark. Fonts differ between machines, so texts are left out and take as much room as they have letters;
 * what they say is tested where pictures are SVG (test/dashboard/page/pictures.test.ts). `UPDATE_PICTURES=1` writes them anew.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import pixelmatch from 'pixelmatch'
import type { Browser } from 'playwright-core'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeInBrowser, openBrowser } from '../dashboard/chromium.js'
import { type Bundle, bundleGallery, openGallery } from '../dashboard/page/gallery.js'

const kept = fileURLToPath(new URL('../dashboard/page/pictures/', import.meta.url))
/** Pixels that may differ: another version of the browser may smooth an edge in another way. A line or an axis has more. */
const tolerance = 150

const withoutTexts = `
  CanvasRenderingContext2D.prototype.fillText = () => {}
  CanvasRenderingContext2D.prototype.strokeText = () => {}
  CanvasRenderingContext2D.prototype.measureText = (text) => ({ width: 7 * [...text].length })
`
/** Draws all lines but one of each canvas, counted from when it was empty. */
const withoutLine = (left: number) => `
  {
    const { reset, stroke } = CanvasRenderingContext2D.prototype
    const drawn = new WeakMap()
    CanvasRenderingContext2D.prototype.reset = function () {
      drawn.set(this, 0)
      reset.call(this)
    }
    CanvasRenderingContext2D.prototype.stroke = function () {
      const before = drawn.get(this)
      drawn.set(this, before + 1)
      if (before !== ${left}) stroke.call(this)
    }
  }
`

describeInBrowser('pictures', () => {
  let browser: Browser
  let bundle: Bundle

  beforeAll(async () => {
    bundle = await bundleGallery()
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  /** The first plot of a view: its canvases above one another, on the colour of the page. */
  async function pictureOf(view: string, colorScheme: 'light' | 'dark', before = ''): Promise<PNG> {
    const { opened, problems } = await openGallery(browser, bundle, {
      // Of many lines a file would be large.
      recipes: [{ trials: view === 'ParallelView' ? 10 : 30, running: 2 }],
      names: [view],
      width: 760,
      context: { colorScheme, reducedMotion: 'reduce', timezoneId: 'UTC', deviceScaleFactor: 1 },
      before: withoutTexts + before,
    })
    const address = await opened.evaluate<string>(`(() => {
      const layers = [...document.querySelector('#${view} .plot-stage').querySelectorAll('canvas')]
      const all = document.createElement('canvas')
      all.width = layers[0].width
      all.height = layers[0].height
      const on = all.getContext('2d')
      on.fillStyle = getComputedStyle(document.body).backgroundColor
      on.fillRect(0, 0, all.width, all.height)
      for (const layer of layers) on.drawImage(layer, 0, 0)
      return all.toDataURL('image/png')
    })()`)
    await opened.close()
    expect(problems).toEqual([])
    return PNG.sync.read(Buffer.from(address.slice(address.indexOf(',') + 1), 'base64'))
  }

  /** Pixels in which they differ, be it as little as a line of a grid; all of them where they are not of one size. */
  function difference(one: PNG, other: PNG): number {
    const { width, height } = one
    if (other.width !== width || other.height !== height) return width * height
    return pixelmatch(one.data, other.data, undefined, width, height, { threshold: 0.03, includeAA: true })
  }

  it.each([
    ['history', 'HistoryView', 'light'],
    ['parallel', 'ParallelView', 'light'],
    ['slice', 'SliceView', 'light'],
    ['contour', 'ContourView', 'light'],
    ['timeline', 'TimelineView', 'light'],
    ['importance', 'ImportanceView', 'light'],
    ['history-dark', 'HistoryView', 'dark'],
  ] as const)('%s is as it was', async (name, view, colours) => {
    const drawn = await pictureOf(view, colours)
    const file = `${kept}${name}.png`
    if (process.env.UPDATE_PICTURES === '1')
      writeFileSync(file, PNG.sync.write(drawn, { colorType: 2, deflateLevel: 9 }))
    expect(existsSync(file), `${name}.png is kept`).toBe(true)
    expect(difference(PNG.sync.read(readFileSync(file)), drawn)).toBeLessThanOrEqual(tolerance)
  })

  it.each([
    ['the first line', 'HistoryView', 0],
    ['another line', 'HistoryView', 2],
    ['an axis of many', 'ParallelView', 1],
  ])('without %s is not as it was', async (_, view, line) => {
    const [whole, lacking] = [
      await pictureOf(view, 'light'),
      await pictureOf(view, 'light', withoutLine(line)),
    ]
    expect(difference(whole, lacking)).toBeGreaterThan(tolerance)
  })
})
