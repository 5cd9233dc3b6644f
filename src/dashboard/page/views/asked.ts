/** What one view asks of another: the slice of a parameter, the picture of a pair. */
import { signal } from '@preact/signals'

export interface Asked {
  /** Of the sweep. */
  readonly sweep: string
  /** One parameter, or two. */
  readonly parameters: readonly string[]
}

export const asked = signal<Asked | null>(null)

/** The view that answers may not be made yet: the page goes where it stands, and is told the rest when it is. */
export function ask(sweep: string, ...parameters: string[]): void {
  asked.value = { sweep, parameters }
  const view = parameters.length === 1 ? 'slice' : 'contour'
  document.getElementById(`${view}-view`)?.scrollIntoView({ block: 'start' })
}
