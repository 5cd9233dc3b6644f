/** What is selected, always in view: the query, the brushes, the share of the best, what is picked. */
import { useComputed } from '@preact/signals'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { number } from '../../../format.js'
import { plain } from '../../../shown.js'
import type { OpenSweep } from '../open-sweep.js'
import { type Brush, everything, type Selection } from '../selection.js'
import { titleOf } from '../table-columns.js'

const shares = [1, 5, 10, 25, 50]

export function SelectionBar({ sweep }: { readonly sweep: OpenSweep }) {
  const { selection, selected, table, version } = sweep
  const all = useComputed(() => {
    version.value
    return table.length
  })
  const { brushes, top, picked } = selection.value
  const change = (part: Partial<Selection>) => {
    selection.value = { ...selection.peek(), ...part }
  }
  const isWhole =
    selection.value.where === '' && top === null && picked.length + Object.keys(brushes).length === 0
  return (
    <section class="selection" aria-label="Selection">
      <p class="selection-count" role="status">
        <strong>{grouped(selected.value)}</strong> of {grouped(all.value)} trials selected
      </p>
      <Query sweep={sweep} onChange={(where) => change({ where })} />
      <label class="share">
        <span>best</span>
        <select
          value={top === null ? '' : String(top)}
          onChange={({ currentTarget: { value } }) => change({ top: value === '' ? null : Number(value) })}
        >
          <option value="">all</option>
          {[...new Set([...shares, ...(top === null ? [] : [top])])].map((share) => (
            <option key={share} value={String(share)}>{`${share} %`}</option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="quiet"
        disabled={isWhole}
        onClick={() => {
          selection.value = everything
        }}
      >
        Clear
      </button>
      {(Object.keys(brushes).length > 0 || picked.length > 0) && (
        <ul class="chips" aria-label="Brushes">
          {Object.entries(brushes).map(([name, brush]) => (
            <Chip
              key={name}
              text={`${titleOf(name, sweep.head.value)} ${brushText(brush)}`}
              onRemove={() => {
                const { [name]: _, ...rest } = selection.peek().brushes
                change({ brushes: rest })
              }}
            />
          ))}
          {picked.length > 0 && (
            <Chip
              text={picked.length <= 4 ? `picked ${picked.join(', ')}` : `${number(picked.length)} picked`}
              onRemove={() => change({ picked: [] })}
            />
          )}
        </ul>
      )}
    </section>
  )
}

function Chip({ text, onRemove }: { readonly text: string; readonly onRemove: () => void }) {
  return (
    <li class="chip">
      {text}
      <button type="button" aria-label={`Remove ${text}`} onClick={onRemove}>
        ×
      </button>
    </li>
  )
}

interface QueryProps {
  readonly sweep: OpenSweep
  readonly onChange: (where: string) => void
}

/** A query is asked with Enter, or when the field is left; what is wrong with it stands below. */
function Query({ sweep, onChange }: QueryProps) {
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const { where } = sweep.selection.value
  const [text, setText] = useState(where)
  useEffect(() => setText(where), [where])
  const problem = sweep.problem.value
  const ask = () => {
    if (text.trim() !== where) onChange(text.trim())
  }
  return (
    <form
      class="query"
      onSubmit={(event) => {
        event.preventDefault()
        ask()
      }}
    >
      <label for={id}>where</label>
      <input
        id={id}
        ref={field}
        type="text"
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        placeholder={exampleFor(sweep)}
        value={text}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : `${id}-problem`}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={ask}
      />
      {problem !== null && (
        <p id={`${id}-problem`} class="problem" role="alert">
          {plain(problem)}
        </p>
      )}
    </form>
  )
}

/** A query that has an answer in this sweep. */
function exampleFor({ head }: OpenSweep): string {
  const { objective } = head.value.run
  const sign = objective.direction === 'maximize' ? '>' : '<'
  const [parameter] = head.value.parameters
  const first = `value ${sign} ${number(head.value.entry.best?.value ?? 0)}`
  if (parameter === undefined) return first
  const name = /^[\w-]+$/.test(parameter.name) ? parameter.name : `\`${plain(parameter.name)}\``
  return parameter.kind === 'number'
    ? `params.${name} < ${number(parameter.max ?? 1)} and status = finished`
    : `params.${name} = '${plain(parameter.values?.[0] ?? '')}'`
}

function brushText(brush: Brush): string {
  if (brush.kind === 'values') return brush.values.length === 0 ? 'none' : brush.values.map(plain).join(', ')
  if (brush.min === Number.NEGATIVE_INFINITY) return `≤ ${number(brush.max)}`
  if (brush.max === Number.POSITIVE_INFINITY) return `≥ ${number(brush.min)}`
  return `${number(brush.min)} to ${number(brush.max)}`
}

/** With marks between the thousands: `50,000`. */
function grouped(count: number): string {
  return count.toLocaleString('en')
}
