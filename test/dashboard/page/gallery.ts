/** Views over made-up sweeps in a browser (gallery.mjs), without a server. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Recipe } from './synthetic.js'

const sources = fileURLToPath(new URL('../../../src/dashboard/page', import.meta.url))

/** What gallery.mjs puts on the page's window. */
export interface Gallery {
  readonly views: readonly string[]
  readonly sweeps: readonly {
    readonly selection: { value: { brushes: Record<string, unknown>; picked: number[] } }
    readonly hovered: { value: number | null }
    readonly axes: { value: { order: string | readonly string[]; scales: Record<string, string> } }
    readonly selected: { value: number }
    readonly insight: { value: unknown }
    readonly insightProblem: { value: string | null }
  }[]
  show(recipes: readonly Recipe[], names?: readonly string[]): void
  isDrawing(): boolean
}

export interface Bundle {
  readonly script: string
  readonly styles: string
}

export async function bundleGallery(): Promise<Bundle> {
  const [bundle, sheet] = await Promise.all([
    build({
      entryPoints: [fileURLToPath(new URL('gallery.mjs', import.meta.url))],
      bundle: true,
      format: 'iife',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      write: false,
    }),
    build({ entryPoints: [`${sources}/page.css`], bundle: true, write: false }),
  ])
  return { script: bundle.outputFiles[0].text, styles: sheet.outputFiles[0].text }
}

export interface Wanted {
  readonly recipes: readonly Recipe[]
  /** Of views; all of them unless given. */
  readonly names?: readonly string[]
  readonly width?: number
  readonly context?: BrowserContextOptions
  /** Run in the page before the views are. */
  readonly before?: string
}

/** A page with the views, drawn; and what the browser complains of. */
export async function openGallery(
  browser: Browser,
  { script, styles }: Bundle,
  { recipes, names, width = 1000, context = {}, before }: Wanted,
): Promise<{ opened: Page; problems: string[] }> {
  const opened = await browser.newPage({ viewport: { width, height: 900 }, ...context })
  const problems: string[] = []
  opened.on('pageerror', (error) => problems.push(error.message))
  opened.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  await opened.setContent(
    '<!doctype html><html lang="en"><head><title>Views</title></head><body><div id="page"></div></body></html>',
  )
  await opened.addStyleTag({ content: styles })
  if (before !== undefined) await opened.evaluate(before)
  await opened.addScriptTag({ content: script })
  await opened.evaluate(
    ([all, few]) => (globalThis as unknown as { gallery: Gallery }).gallery.show(all, few),
    [recipes, names] as const,
  )
  await drawn(opened)
  return { opened, problems }
}

/** Waits until nothing is drawn any more. */
export async function drawn(opened: Page): Promise<void> {
  await opened.evaluate(async () => {
    const { gallery, requestAnimationFrame } = globalThis as unknown as {
      gallery: Gallery
      requestAnimationFrame(then: () => void): void
    }
    let still = 0
    while (still < 6) {
      await new Promise<void>((resolve) => requestAnimationFrame(resolve))
      still = gallery.isDrawing() ? 0 : still + 1
    }
  })
}
