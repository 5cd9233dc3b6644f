/** An address that means nothing, something that is not there, or not any more: what is wrong, and the way back. */
import { plain } from '../../../shown.js'
import type { SweepDisplay } from '../sweep-display.js'

export function WrongPage({ address, problem }: { readonly address: string; readonly problem: string }) {
  return (
    <div class="empty">
      <h1>This address means nothing</h1>
      <p>
        <code>{plain(address)}</code>: {plain(problem)}.
      </p>
      <p>
        <a href="#/">To all sweeps</a>
      </p>
    </div>
  )
}

export function NotFound({ what, problem }: { readonly what: string; readonly problem: string }) {
  return (
    <div class="empty">
      <h1>{what} cannot be shown</h1>
      <p role="alert">{plain(problem)}</p>
      <p>
        <a href="#/">To all sweeps</a>
      </p>
    </div>
  )
}

/** Why what is shown of a sweep is not, or not all, that there is. */
export function Outdated({ display: { failure } }: { readonly display: SweepDisplay }) {
  return failure.value === null ? null : (
    <p class="problem block" role="alert">
      {plain(failure.value)}
    </p>
  )
}
