/** What is brushed on each axis, as numbers to type and values to tick, and its scale: by keyboard all that a drag can do. */
import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { visible } from '../../../shown.js'
import { hasScales, isLog, withScale } from '../axes-view.js'
import type { LoadedSweep } from '../loaded.js'
import { Toggle } from '../plots/controls.js'
import { fieldOf } from '../plots/fields.js'
import { countText } from '../plots/numbers.js'
import { setBrush } from '../plots/pointer.js'
import type { Brush } from '../selection.js'

/** Values of a category that are listed. */
const most = 60

interface LimitsProps {
  readonly sweep: LoadedSweep
  readonly columns: readonly string[]
}

export function Limits(props: LimitsProps) {
  const [open, setOpen] = useState(false)
  return (
    <details class="plot-limits" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="plot-limits-open">Least, greatest and scale of each axis</summary>
      {open && <LimitsList {...props} />}
    </details>
  )
}

function LimitsList({ sweep, columns }: LimitsProps) {
  const head = sweep.head.value
  const { brushes } = sweep.selection.value
  const version = sweep.version.value
  const axes = sweep.axes.value
  const fields = useMemo(
    () => columns.map((column) => fieldOf(head, sweep.table, column)),
    [head, sweep.table, version, columns],
  )
  return (
    <div class="plot-limits-list">
      {fields.map((field) => {
        const { column, label: name } = field
        return field.kind === 'category' ? (
          <Values
            key={column}
            name={name}
            values={field.values}
            brush={brushes[column]}
            set={(brush) => setBrush(sweep, column, brush)}
          />
        ) : (
          <Ends
            key={column}
            name={name}
            min={field.min}
            max={field.max}
            brush={brushes[column]}
            set={(brush) => setBrush(sweep, column, brush)}
          >
            {hasScales(field) && (
              <Toggle
                label="log axis"
                value={isLog(axes, field)}
                change={(log) => {
                  sweep.axes.value = withScale(axes, field, log ? 'log' : 'linear')
                }}
              />
            )}
          </Ends>
        )
      })}
    </div>
  )
}

interface Bound {
  readonly name: string
  readonly brush: Brush | undefined
  set(brush: Brush | null): void
}

interface EndsProps extends Bound {
  readonly min: number
  readonly max: number
  readonly children: ComponentChildren
}

function Ends({ name, min, max, brush, set, children }: EndsProps) {
  const [low, high] = brush?.kind === 'range' ? [brush.min, brush.max] : [null, null]
  const change = (end: 'min' | 'max', text: string) => {
    const typed = text.trim() === '' ? Number.NaN : Number(text)
    const next = {
      min: end === 'min' ? (Number.isNaN(typed) ? min : typed) : (low ?? min),
      max: end === 'max' ? (Number.isNaN(typed) ? max : typed) : (high ?? max),
    }
    set(next.min <= min && next.max >= max ? null : { kind: 'range', ...next })
  }
  const field = (end: 'min' | 'max', value: number | null, placeholder: number) => (
    <input
      class="plot-field"
      type="number"
      step="any"
      aria-label={`${end === 'min' ? 'Least' : 'Greatest'} ${name}`}
      value={value ?? ''}
      placeholder={Number.isFinite(placeholder) ? String(Number(placeholder.toPrecision(6))) : ''}
      onChange={(event) => change(end, event.currentTarget.value)}
    />
  )
  return (
    <fieldset>
      <legend>{name}</legend>
      {field('min', low, min)} <span aria-hidden="true">to</span> {field('max', high, max)}
      {children}
    </fieldset>
  )
}

function Values({ name, values, brush, set }: Bound & { readonly values: readonly string[] }) {
  const chosen = brush?.kind === 'values' ? brush.values : values
  const toggle = (value: string, on: boolean) => {
    const next = values.filter((one) => (one === value ? on : chosen.includes(one)))
    set(next.length === values.length ? null : { kind: 'values', values: next })
  }
  return (
    <fieldset>
      <legend>{name}</legend>
      {values.slice(0, most).map((value) => (
        <label key={value} class="plot-toggle">
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) => toggle(value, event.currentTarget.checked)}
          />
          {visible(value).slice(0, 60) || '(empty)'}
        </label>
      ))}
      {values.length > most && <span>and {countText(values.length - most)} more</span>}
    </fieldset>
  )
}
