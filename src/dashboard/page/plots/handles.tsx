/** Names in a picture as buttons over it, for keys: a pointer takes what is drawn below them. */
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import type { Handle } from './picture.js'

const steps: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

interface HandlesProps {
  readonly handles: readonly Handle[]
  /** Reads it out. */
  readonly say: (words: string) => void
}

export function Handles({ handles, say }: HandlesProps) {
  const id = useId()
  const place = useRef<HTMLDivElement>(null)
  /** The name that is moved: it stands elsewhere in the document then, and would not be where the keyboard is any more. */
  const held = useRef<string | null>(null)
  useLayoutEffect(() => {
    const at = handles.findIndex(({ column }) => column === held.current)
    if (at >= 0) place.current?.querySelectorAll('button')[at].focus()
    held.current = null
  }, [handles])
  if (handles.length === 0) return null
  const act = (column: string, words: string | null | undefined) => {
    if (words == null) return
    held.current = column
    say(words)
  }
  return (
    <div ref={place} class="plot-handles">
      {handles.map(({ column, x, y, width, height, label, move, turn }) => (
        <button
          key={column}
          type="button"
          aria-label={label}
          aria-describedby={id}
          style={{ left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` }}
          onClick={() => act(column, turn?.())}
          onKeyDown={(event) => {
            const by = steps[event.key]
            if (by === undefined) return
            event.preventDefault()
            act(column, move(by))
          }}
        />
      ))}
      <p id={id} class="hidden">
        Arrow keys move the axis, Enter gives it a log or a linear scale.
      </p>
    </div>
  )
}
