/** The colours of the page's style sheet (theme.css), as plots need them, and word of it when they change. */
import { signal } from '@preact/signals'
import type { Theme } from './drawing.js'

/** One more with every change between light and dark. */
export const appearance = signal(0)

let watched = false

/** From the first plot on. */
export function watchAppearance(): void {
  if (watched) return
  watched = true
  const changed = () => {
    appearance.value++
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed)
  new MutationObserver(changed).observe(document.documentElement, {
    attributeFilter: ['data-theme', 'class'],
  })
}

/** As they are now at this element. */
export function readTheme(at: HTMLElement): Theme {
  const probe = at.appendChild(document.createElement('span'))
  const styles = getComputedStyle(probe)
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`
    return styles.color
  }
  const several = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => colour(`${name}-${index + 1}`))
  const theme: Theme = {
    surface: colour('surface'),
    text: colour('text'),
    muted: colour('muted'),
    faint: colour('faint'),
    line: colour('line'),
    grid: colour('grid'),
    accent: colour('accent'),
    good: colour('good'),
    bad: colour('bad'),
    warn: colour('warn'),
    finished: colour('finished'),
    pruned: colour('pruned'),
    failed: colour('failed'),
    running: colour('running'),
    interrupted: colour('interrupted'),
    unselected: colour('unselected'),
    highlight: colour('highlight'),
    kinds: several('kind', 8),
    ramp: several('value', 6),
    family: styles.fontFamily,
  }
  probe.remove()
  return theme
}
