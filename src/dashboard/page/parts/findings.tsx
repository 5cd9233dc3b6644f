/** What may be wrong with a sweep, each with its remedy: warnings in full view, notes behind a line where there are many. */
import type { Finding } from '../../../analysis/index.js'
import { count } from '../../../format.js'
import { plain } from '../../../shown.js'
import type { OpenSweep } from '../open-sweep.js'

/** More notes than these would push what one came for out of view. */
const mostNotes = 2

export function Findings({ sweep }: { readonly sweep: OpenSweep }) {
  const health = sweep.insight.value?.health ?? []
  if (health.length === 0) return null
  const pick = ({ trials }: Finding) => {
    sweep.selection.value = { ...sweep.selection.peek(), picked: trials }
  }
  const warnings = health.filter(({ severity }) => severity === 'warning')
  const notes = health.filter(({ severity }) => severity === 'note')
  return (
    <section class="findings" aria-labelledby="findings-title">
      <h2 id="findings-title">To look at</h2>
      <List findings={notes.length > mostNotes ? warnings : health} onPick={pick} />
      {notes.length > mostNotes && (
        <details class="more-findings">
          <summary>{count(notes.length, 'note')}</summary>
          <List findings={notes} onPick={pick} />
        </details>
      )}
    </section>
  )
}

interface ListProps {
  readonly findings: readonly Finding[]
  readonly onPick: (finding: Finding) => void
}

function List({ findings, onPick }: ListProps) {
  if (findings.length === 0) return null
  return (
    <ul>
      {findings.map((finding) => (
        <li key={`${finding.kind} ${finding.parameter}`} class={`finding ${finding.severity}`}>
          <span class="finding-kind">{finding.severity}</span>
          <div>
            <p>{plain(finding.message)}</p>
            <p class="muted">{plain(finding.remedy)}</p>
          </div>
          {finding.trials.length > 0 && (
            <button type="button" onClick={() => onPick(finding)}>
              Select its trials
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}
