/** The views in a browser: drawn, selected in by pointer and keyboard, saved, read to whoever cannot see them. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeInBrowser, openBrowser } from '../chromium.js'
import { type Bundle, bundleGallery, drawn, type Gallery, openGallery } from './gallery.js'
import type { Recipe } from './synthetic.js'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

describeInBrowser('views of a sweep', () => {
  let browser: Browser
  let bundle: Bundle

  beforeAll(async () => {
    bundle = await bundleGallery()
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  const shown = (recipes: readonly Recipe[], names?: readonly string[], width?: number) =>
    openGallery(browser, bundle, { recipes, names, width })

  function sweepOf(opened: Page) {
    return opened.evaluate(() => {
      const [sweep] = (globalThis as unknown as { gallery: Gallery }).gallery.sweeps
      const { brushes, picked } = sweep.selection.value
      return {
        axes: sweep.axes.value,
        brushes,
        picked,
        hovered: sweep.hovered.value,
        selected: sweep.selected.value,
      }
    })
  }

  /** Pixels of a canvas that are not empty. */
  function inked(opened: Page, view: string, layer: number) {
    return opened.evaluate(
      ([id, at]) => {
        const { document } = globalThis as unknown as {
          document: { querySelectorAll(by: string): unknown[] }
        }
        const canvas = document.querySelectorAll(`#${id} canvas`)[at as number] as {
          width: number
          height: number
          getContext(kind: '2d'): {
            getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray }
          }
        }
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
        let count = 0
        for (let at = 3; at < data.length; at += 4) if (data[at] > 0) count++
        return count
      },
      [view, layer] as const,
    )
  }

  it.each([
    ['no trial', { trials: 0 }, 1000],
    ['30 trials', { trials: 30, running: 2 }, 1000],
    ['only failures', { trials: 30, kind: 'failures' }, 1000],
    ['hostile names', { trials: 30, kind: 'hostile' }, 1000],
    ['30 trials in a narrow window', { trials: 30 }, 380],
    ['hostile names in a narrow window', { trials: 30, kind: 'hostile' }, 380],
  ] as const)(
    'of %s: all are there, none complains, none is wider than the window',
    async (_, recipe, width) => {
      const { opened, problems } = await shown([recipe], undefined, width)
      const measured = await opened.evaluate(() => {
        const { document, innerWidth } = globalThis as unknown as {
          document: { documentElement: { scrollWidth: number }; querySelector(by: string): unknown }
          innerWidth: number
        }
        return {
          wide: document.documentElement.scrollWidth > innerWidth,
          image: document.querySelector('img') !== null,
        }
      })
      expect(problems).toEqual([])
      expect(measured).toEqual({ wide: false, image: false })
      await opened.close()
    },
  )

  it('are readable by rules of accessibility, light and dark', async () => {
    const { opened } = await shown([{ trials: 30 }])
    await opened.addScriptTag({ content: readFileSync(axe, 'utf8') })
    for (const theme of ['light', 'dark'] as const) {
      await opened.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await drawn(opened)
      const found = await opened.evaluate(async () => {
        const { axe: checker } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
        }
        const { violations } = await checker.run()
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`)
      })
      expect(found, theme).toEqual([])
    }
    await opened.close()
  })

  it('say why nothing is told of what mattered, and what keys do in each plot', async () => {
    const { opened } = await shown([{ trials: 30 }], ['HealthView', 'ImportanceView', 'HistoryView'])
    const keys = async (view: string) => {
      const canvas = opened.locator(`#${view} canvas`).nth(2)
      return opened.locator(`[id="${await canvas.getAttribute('aria-describedby')}"]`).textContent()
    }
    expect(await keys('HistoryView')).toMatch(/^Arrow keys go through the trials/)
    expect(await keys('ImportanceView')).toMatch(/^Arrow keys go through what is drawn/)
    await opened.evaluate(() => {
      const [sweep] = (globalThis as unknown as { gallery: Gallery }).gallery.sweeps
      sweep.insight.value = null
      sweep.insightProblem.value = 'it is not in this report'
    })
    for (const view of ['HealthView', 'ImportanceView'])
      await expect
        .poll(() => opened.locator(`#${view}`).innerText())
        .toContain('cannot be told: it is not in this report')
    await opened.close()
  })

  it('draws nothing before it is in view', async () => {
    const { opened } = await shown(
      [{ trials: 30 }],
      ['HistoryView', 'SliceView', 'DistributionView', 'TimelineView'],
    )
    const widthOf = (view: string) =>
      opened
        .locator(`#${view} canvas`)
        .first()
        .evaluate((one) => (one as unknown as { width: number }).width)
    const before = await widthOf('TimelineView')
    await opened.locator('#TimelineView').scrollIntoViewIfNeeded()
    await drawn(opened)
    // 300: what a canvas is that nobody gave a size.
    expect([before, await inked(opened, 'TimelineView', 0)]).toEqual([300, expect.any(Number)])
    expect(await inked(opened, 'TimelineView', 0)).toBeGreaterThan(1000)
    await opened.close()
  })

  it('one trial is marked in all views, picked by a click and let go by another', async () => {
    const { opened } = await shown([{ trials: 30 }], ['HistoryView', 'ScatterView'])
    const canvas = opened.locator('#HistoryView canvas').nth(2)
    await canvas.focus()
    const before = await inked(opened, 'ScatterView', 2)
    await opened.keyboard.press('ArrowRight')
    await drawn(opened)
    const { hovered } = await sweepOf(opened)
    expect(hovered).toBe(0)
    await opened.keyboard.press('ArrowRight')
    await opened.keyboard.press('ArrowRight')
    await drawn(opened)
    expect((await sweepOf(opened)).hovered).toBe(2)
    expect(await inked(opened, 'ScatterView', 2)).not.toBe(before)
    expect(await opened.locator('#HistoryView [aria-live]').textContent()).toMatch(/^trial 2\b.*accuracy/)
    await opened.keyboard.press(' ')
    expect((await sweepOf(opened)).picked).toEqual([2])
    expect((await sweepOf(opened)).selected).toBe(1)
    await opened.keyboard.press('Escape')
    expect((await sweepOf(opened)).picked).toEqual([])
    await opened.close()
  })

  it('a drag along an axis brushes it, a click beside takes it back, and typed bounds do the same', async () => {
    const { opened } = await shown([{ trials: 60 }], ['ParallelView'])
    const canvas = opened.locator('#ParallelView canvas').nth(2)
    const box = (await canvas.boundingBox())!
    // The last axis is the value's.
    const x = box.x + box.width - 64
    await opened.mouse.move(x, box.y + 40)
    await opened.mouse.down()
    await opened.mouse.move(x, box.y + 90, { steps: 4 })
    await opened.mouse.move(x, box.y + 140, { steps: 4 })
    await opened.mouse.up()
    const brushed = await sweepOf(opened)
    expect(Object.keys(brushed.brushes)).toEqual(['value'])
    expect(brushed.selected).toBeGreaterThan(0)
    expect(brushed.selected).toBeLessThan(60)
    await opened.mouse.click(x, box.y + 300)
    expect((await sweepOf(opened)).brushes).toEqual({})
    await opened.getByText('Least, greatest and scale of each axis').click()
    await opened.getByLabel('Least depth').fill('7')
    await opened.getByLabel('Least depth').press('Tab')
    expect((await sweepOf(opened)).brushes).toMatchObject({ 'params.depth': { kind: 'range', min: 7 } })
    await opened.getByLabel('poly').uncheck()
    expect((await sweepOf(opened)).brushes).toMatchObject({
      'params.kernel': { kind: 'values', values: ['linear', 'rbf'] },
    })
    await opened.getByRole('button', { name: 'Select all' }).click()
    expect((await sweepOf(opened)).selected).toBe(60)
    await opened.close()
  })

  it('an axis is moved and turned by keys at its name, which say so, and by a click', async () => {
    const { opened } = await shown([{ trials: 30 }], ['ParallelView'])
    const names = () =>
      opened
        .locator('#ParallelView .plot-handles button')
        .evaluateAll((all) =>
          (all as unknown as { ariaLabel: string }[]).map(({ ariaLabel }) => ariaLabel.split(',')[0]),
        )
    const said = () => opened.locator('#ParallelView [aria-live]').textContent()
    const first = await names()
    const many = first.length
    const rate = opened.getByRole('button', { name: /^learning_rate, axis \d+ of \d+, log$/ })
    const at = first.indexOf('learning_rate')
    await rate.focus()
    await opened.keyboard.press('Home')
    await drawn(opened)
    const moved = ['learning_rate', ...first.filter((one) => one !== 'learning_rate')]
    expect(await names()).toEqual(moved)
    expect(at).toBeGreaterThan(0)
    expect(await said()).toBe(`learning_rate, axis 1 of ${many}`)
    // It is where the keyboard still is.
    await opened.keyboard.press('ArrowRight')
    await drawn(opened)
    expect(await said()).toBe(`learning_rate, axis 2 of ${many}`)
    await opened.keyboard.press('Enter')
    await drawn(opened)
    expect(await said()).toBe('learning_rate, linear')
    const { axes } = await sweepOf(opened)
    expect(axes.order).toEqual([moved[1], moved[0], ...moved.slice(2)].map(columnOf))
    expect(axes.scales).toEqual({ 'params.learning_rate': 'linear' })
    const turned = opened.getByRole('button', { name: `learning_rate, axis 2 of ${many}, linear` })
    const { x, y, width, height } = (await turned.boundingBox())!
    await opened.mouse.click(x + width / 2, y + height / 2)
    await drawn(opened)
    expect((await sweepOf(opened)).axes.scales).toEqual({})
    await opened.getByText('Least, greatest and scale of each axis').click()
    await opened.getByRole('group', { name: 'depth' }).getByLabel('log axis').check()
    expect((await sweepOf(opened)).axes.scales).toEqual({ 'params.depth': 'log' })
    await opened.getByRole('radio', { name: 'as in the file' }).check()
    await drawn(opened)
    expect((await names()).at(-1)).toBe('accuracy')
    await opened.close()
  })

  const columnOf = (name: string) => (name === 'accuracy' ? 'value' : `params.${name}`)

  it('a finger brushes upright axes and across planes, drags names, picks by a tap, and scrolls elsewhere', async () => {
    const { opened } = await openGallery(browser, bundle, {
      recipes: [{ trials: 60 }],
      names: ['ParallelView', 'ScatterView', 'TimelineView', 'StepsView'],
      context: { hasTouch: true },
    })
    const client = await opened.context().newCDPSession(opened)
    type Place = readonly [x: number, y: number]
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', places: readonly Place[]) =>
      client.send('Input.dispatchTouchEvent', { type, touchPoints: places.map(([x, y]) => ({ x, y })) })
    const drag = async ([x0, y0]: Place, [x1, y1]: Place) => {
      await touch('touchStart', [[x0, y0]])
      for (let k = 1; k <= 10; k++)
        await touch('touchMove', [[x0 + ((x1 - x0) * k) / 10, y0 + ((y1 - y0) * k) / 10]])
      await touch('touchEnd', [])
    }
    const scrolled = () => opened.evaluate<number>('scrollY')
    const boxOf = async (view: string) => (await opened.locator(`#${view} canvas`).nth(2).boundingBox())!

    const lines = await boxOf('ParallelView')
    const axis = lines.x + lines.width - 64
    await drag([axis, lines.y + 60], [axis, lines.y + 200])
    expect(Object.keys((await sweepOf(opened)).brushes)).toEqual(['value'])
    expect(await scrolled()).toBe(0)
    await opened.getByRole('button', { name: 'Select all' }).tap()

    const name = (await opened.getByRole('button', { name: /^depth, axis/ }).boundingBox())!
    await drag([name.x + name.width / 2, name.y + 8], [lines.x + 8, name.y + 8])
    expect((await sweepOf(opened)).axes.order).toMatchObject({ 0: 'params.depth' })

    await opened.locator('#ScatterView').scrollIntoViewIfNeeded()
    await drawn(opened)
    const plane = await boxOf('ScatterView')
    await drag([plane.x + 120, plane.y + 60], [plane.x + 400, plane.y + 200])
    expect(Object.keys((await sweepOf(opened)).brushes).sort()).toEqual(['seconds', 'value'])
    await opened.touchscreen.tap(plane.x + plane.width - 40, plane.y + 300)
    expect((await sweepOf(opened)).brushes).toEqual({})

    // What is picked is told of as well: a finger does not point at it before.
    const tip = opened.locator('#ScatterView .plot-tip')
    let x = plane.x + 100
    while ((await sweepOf(opened)).hovered === null) {
      x += 10
      await opened.mouse.move(x, plane.y + 200)
    }
    const { hovered } = await sweepOf(opened)
    await opened.mouse.move(plane.x, plane.y - 10)
    expect(await tip.count()).toBe(0)
    await opened.touchscreen.tap(x, plane.y + 200)
    expect((await sweepOf(opened)).picked).toEqual([hovered])
    await expect.poll(() => tip.innerText()).toContain(`trial ${hovered}`)

    // Up and down the page is scrolled, and nothing of it stays as a brush.
    const before = await scrolled()
    await drag([plane.x + 300, plane.y + 250], [plane.x + 305, plane.y + 50])
    await expect.poll(scrolled).not.toBe(before)
    expect((await sweepOf(opened)).brushes).toEqual({})
    await opened.close()
  })

  it('a box over a plane brushes both columns', async () => {
    const { opened } = await shown([{ trials: 60 }], ['ScatterView'])
    const box = (await opened.locator('#ScatterView canvas').nth(2).boundingBox())!
    await opened.mouse.move(box.x + 120, box.y + 60)
    await opened.mouse.down()
    await opened.mouse.move(box.x + 400, box.y + 200, { steps: 5 })
    await opened.mouse.up()
    expect(Object.keys((await sweepOf(opened)).brushes).sort()).toEqual(['seconds', 'value'])
    await opened.close()
  })

  it('a picture is saved as SVG and PNG, its data as CSV, and shown as a table', async () => {
    const { opened } = await shown([{ trials: 30 }], ['HistoryView'])
    const saved = async (label: string) => {
      await opened.getByLabel('Save History').click()
      const [download] = await Promise.all([
        opened.waitForEvent('download'),
        opened.getByRole('button', { name: label }).click(),
      ])
      return { name: download.suggestedFilename(), bytes: readFileSync((await download.path())!) }
    }
    const svg = await saved('Save as SVG')
    expect(svg.name).toBe('wine-svm-History.svg')
    expect(svg.bytes.toString()).toMatch(
      /^<svg [^>]*><title>wine-svm-History<\/title>.*>best 0\.9.*<\/svg>\n$/,
    )
    const png = await saved('Save as PNG')
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG')
    const csv = await saved('Save data as CSV')
    expect(csv.bytes.toString().split('\n')).toHaveLength(32)
    await opened.getByLabel('Save History').click()
    await opened.getByRole('button', { name: 'Show as a table' }).click()
    expect(await opened.locator('#HistoryView table tbody tr').count()).toBe(30)
    await opened.close()
  })

  it('50,000 trials are brushed without the hand having to wait for all of them', async () => {
    const { opened, problems } = await shown(
      [{ trials: 50_000, parameters: 20, steps: false }],
      ['ParallelView'],
    )
    const all = await inked(opened, 'ParallelView', 1)
    expect(all).toBeGreaterThan(10_000)
    const first = await opened.evaluate(async () => {
      const { gallery, requestAnimationFrame } = globalThis as unknown as {
        gallery: Gallery
        requestAnimationFrame(then: () => void): void
      }
      const [sweep] = gallery.sweeps
      sweep.selection.value = {
        ...sweep.selection.value,
        brushes: { 'params.depth': { kind: 'range', min: 1, max: 6 } },
      }
      await new Promise<void>((resolve) => requestAnimationFrame(resolve))
      await new Promise<void>((resolve) => requestAnimationFrame(resolve))
      return gallery.isDrawing()
    })
    // After two frames a sample is there, and the rest is still to come.
    expect(first).toBe(true)
    expect(await inked(opened, 'ParallelView', 1)).toBeGreaterThan(5000)
    await drawn(opened)
    expect(problems).toEqual([])
    await opened.close()
  })
})
