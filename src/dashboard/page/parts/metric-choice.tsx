/** The metric that is looked at: what mattered is told of it. */
import { plain } from '../../../shown.js'
import type { OpenSweep } from '../open-sweep.js'

export function MetricChoice({ sweep }: { readonly sweep: OpenSweep }) {
  const { metrics } = sweep.head.value
  const known = metrics.includes(sweep.metric.value) ? metrics : [sweep.metric.value, ...metrics]
  if (known.length < 2) return null
  return (
    <label class="metric-choice">
      <span class="muted">what mattered for</span>{' '}
      <select
        value={sweep.metric.value}
        onChange={(event) => {
          sweep.metric.value = event.currentTarget.value
        }}
      >
        {known.map((name) => (
          <option key={name} value={name}>
            {plain(name)}
          </option>
        ))}
      </select>
    </label>
  )
}
