/** An address that means nothing, or something that is not there: what is wrong, and the way back. */
import { plain } from '../../../shown.js'

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
