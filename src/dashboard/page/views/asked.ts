/** What one view asks of another: the slice of a parameter, the picture of a pair. */
import { signal } from '@preact/signals'

export interface Asked {
  /** Of the sweep. */
  readonly sweep: string
  /** One parameter, or two. */
  readonly parameters: readonly string[]
}

export const asked = signal<Asked | null>(null)

export function ask(sweep: string, ...parameters: string[]): void {
  asked.value = { sweep, parameters }
}
