/** The few kinds of controls that stand above plots. */
import { useId } from 'preact/hooks'

export function Toggle({
  label,
  value,
  change,
}: {
  label: string
  value: boolean
  change: (value: boolean) => void
}) {
  return (
    <label class="plot-toggle">
      <input type="checkbox" checked={value} onChange={(event) => change(event.currentTarget.checked)} />
      {label}
    </label>
  )
}

/** One of several, by a list that drops down. */
export function Choice({
  label,
  value,
  options,
  change,
}: {
  label: string
  value: string
  options: readonly (readonly [value: string, label: string])[]
  change: (value: string) => void
}) {
  return (
    <label class="plot-choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => change(event.currentTarget.value)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

/** One of few, all in sight. */
export function Switch<T extends string>({
  label,
  value,
  options,
  change,
}: {
  label: string
  value: T
  options: readonly (readonly [value: T, label: string])[]
  change: (value: T) => void
}) {
  const name = useId()
  return (
    <fieldset class="plot-switch">
      <legend class="hidden">{label}</legend>
      {options.map(([one, text]) => (
        <label key={one}>
          <input type="radio" name={name} checked={one === value} onChange={() => change(one)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  )
}

export function Slider({
  label,
  value,
  min,
  max,
  step,
  text,
  change,
}: {
  label: string
  value: number
  min: number
  max: number
  step: number
  /** The value in words. */
  text: string
  change: (value: number) => void
}) {
  return (
    <label class="plot-slider">
      <span>{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text}
        onInput={(event) => change(event.currentTarget.valueAsNumber)}
      />
      <output>{text}</output>
    </label>
  )
}
