/** Light, dark, or as the system has it; kept in the browser where it keeps anything. */
import { effect, signal } from '@preact/signals'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const place = 'espalier-theme'

export const theme = signal<Theme>(kept())

/** The document goes by what is chosen, now and from now on. */
export function followTheme(): void {
  effect(() => {
    const { dataset } = document.documentElement
    if (theme.value === 'system') delete dataset.theme
    else dataset.theme = theme.value
    try {
      localStorage.setItem(place, theme.value)
    } catch {
      // A browser that keeps nothing goes by the system the next time.
    }
  })
}

function kept(): Theme {
  try {
    return themes.find((one) => one === localStorage.getItem(place)) ?? 'system'
  } catch {
    return 'system'
  }
}
