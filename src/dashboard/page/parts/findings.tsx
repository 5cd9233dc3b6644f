/** What may be wrong with a sweep, each with its remedy. */
import type { Finding } from '../../../analysis/index.js'
import { plain } from '../../../shown.js'
import type { OpenSweep } from '../open-sweep.js'

export function Findings({ sweep }: { readonly sweep: OpenSweep }) {
  const health = sweep.insight.value?.health ?? []
  if (health.length === 0) return null
  const pick = ({ trials }: Finding) => {
    sweep.selection.value = { ...sweep.selection.peek(), picked: trials }
  }
  return (
    <section class="findings" aria-labelledby="findings-title">
      <h2 id="findings-title">To look at</h2>
      <ul>
        {health.map((finding) => (
          <li key={finding.kind + finding.parameter} class={`finding ${finding.severity}`}>
            <span class="finding-kind">{finding.severity}</span>
            <div>
              <p>{plain(finding.message)}</p>
              <p class="muted">{plain(finding.remedy)}</p>
            </div>
            {finding.trials.length > 0 && (
              <button type="button" onClick={() => pick(finding)}>
                Select its trials
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
