/** How a run stands: a word, with a mark of its colour. */
import type { RunStatus } from '../../../tracking/index.js'

export function Status({ status }: { readonly status: RunStatus }) {
  return (
    <span class={`status status-${status}`}>
      <span class="status-mark" aria-hidden="true" />
      {status}
    </span>
  )
}
