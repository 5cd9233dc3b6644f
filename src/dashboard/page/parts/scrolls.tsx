/** What is wider or longer than its place: it scrolls there, by keys too, and the page does not. */
import type { ComponentChildren } from 'preact'
import { plainLines } from '../../../shown.js'

interface ScrollsProps {
  readonly label: string
  readonly children: ComponentChildren
}

export function Scrolls({ label, children }: ScrollsProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by keys.
    <section class="scrolls" tabIndex={0} aria-label={label}>
      {children}
    </section>
  )
}

/** Lines of foreign origin as they are, but for what is not seen. */
export function Lines({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <Scrolls label={label}>
      <pre>{plainLines(text)}</pre>
    </Scrolls>
  )
}
