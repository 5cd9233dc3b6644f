/** How a run stands: a word, with a mark of its colour. */
import type { ComponentChildren } from 'preact'
import type { RunStatus } from '../../../tracking/index.js'

export function Status({ status }: { readonly status: RunStatus }) {
  return <Mark as={status}>{status}</Mark>
}

interface MarkProps {
  /** In whose colour. */
  readonly as: RunStatus
  readonly children: ComponentChildren
}

export function Mark({ as, children }: MarkProps) {
  return (
    <span class={`status status-${as}`}>
      <span class="status-mark" aria-hidden="true" />
      {children}
    </span>
  )
}
