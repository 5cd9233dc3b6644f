/** A question that has to be answered before anything else: with Escape it is left. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface DialogProps {
  readonly title: string
  readonly confirm: string
  readonly onConfirm: () => void
  readonly onClose: () => void
  readonly children?: ComponentChildren
}

export function Dialog({ title, confirm, onConfirm, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current!.showModal(), [])
  const submit = (event: Event) => {
    event.preventDefault()
    onConfirm()
  }
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="dialog-title">
      <form onSubmit={submit}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        <div class="dialog-buttons">
          <button type="button" onClick={() => dialog.current!.close()}>
            Cancel
          </button>
          <button type="submit" class="primary">
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  )
}
