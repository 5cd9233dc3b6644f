/** What stands around every page: where one is, the connection, light or dark, and what was last said. */
import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { plain } from '../../../shown.js'
import { route } from '../address.js'
import { useApp } from '../context.js'
import { followScroll, pageKey, scrollFor } from '../scroll.js'
import { theme, themes } from '../theme.js'

export function Frame({ children }: { readonly children: ComponentChildren }) {
  const { facts, lost, source } = useApp()
  const main = useRef<HTMLElement>(null)
  const at = route.value
  const page = pageKey(at)
  const shown = useRef(at)
  useEffect(() => followScroll(() => shown.current), [])
  useLayoutEffect(() => {
    const from = shown.current
    shown.current = at
    if (pageKey(from) === page) return
    // As a browser does when another page is loaded.
    scrollTo(0, scrollFor(from, at))
    main.current?.focus({ preventScroll: true })
  }, [at])
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the contents
      </button>
      <header class="top">
        <a href="#/" class="brand">
          Espalier
        </a>
        <span class="store muted">{facts.value === null ? '' : plain(facts.value.store)}</span>
        {source.live && lost.value !== null && (
          <span class="lost" role="status">
            connection lost, trying again{lost.value === '' ? '' : `. ${plain(lost.value)}`}
          </span>
        )}
        {!source.live && <span class="muted">report</span>}
        {source.live && facts.value?.readOnly && <span class="muted">read only</span>}
        <ThemeChoice />
      </header>
      <main ref={main} id="main" tabIndex={-1}>
        {children}
      </main>
      <Said />
    </>
  )
}

function ThemeChoice() {
  return (
    <label class="theme">
      <span class="hidden">Light or dark</span>
      <select
        value={theme.value}
        onChange={(event) => {
          theme.value = event.currentTarget.value as (typeof themes)[number]
        }}
      >
        {themes.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  )
}

const hasLeft = signal(true)

/** Read out, and shown for a while. */
function Said() {
  const { said } = useApp()
  const words = said.value
  useEffect(() => {
    hasLeft.value = words === ''
    const timer = setTimeout(() => {
      hasLeft.value = true
    }, 8000)
    return () => clearTimeout(timer)
  }, [words])
  return (
    <div class={hasLeft.value ? 'said left' : 'said'} role="status" aria-live="polite">
      {plain(words)}
    </div>
  )
}
