/** A real browser for tests of the page: the Chromium of this machine, or the reason why there is none. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { describe } from 'vitest'

const places = [
  process.env.ESPALIER_TEST_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const found = places.find((path) => path !== undefined && existsSync(path))

/** Tests that drive a browser; skipped, with the reason in their name, where there is none. */
export const describeInBrowser = (name: string, tests: () => void): void => {
  if (found === undefined)
    describe.skip(`${name} (no Chromium here: install one, or name it in ESPALIER_TEST_CHROMIUM)`, tests)
  else describe(name, tests)
}

/** To be closed by the caller. Draws alike on every machine: no hints of fonts, no GPU. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: found,
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', '--force-color-profile=srgb'],
  })
}
