/** What may be wrong with a sweep, each with its remedy. */
import type { Finding } from '../../../analysis/index.js'
import { visible } from '../../../shown.js'
import type { LoadedSweep } from '../loaded.js'
import { ask } from './asked.js'

/** Trials that are named of each finding. */
const few = 8

export function HealthView({ sweep }: { sweep: LoadedSweep }) {
  const insight = sweep.insight.value
  if (insight === null) return <p class="plot-note">Whether anything is wrong is being worked out.</p>
  const findings = [...insight.health].sort((a, b) => Number(isNote(a)) - Number(isNote(b)))
  return (
    <section class="plot" aria-label="Health">
      <h3 class="plot-title">Health</h3>
      {findings.length === 0 ? (
        <p class="plot-summary">Nothing was found to be wrong with this sweep.</p>
      ) : (
        <ul class="plot-findings">
          {findings.map((finding) => (
            <li
              key={`${finding.kind} ${finding.parameter} ${finding.message}`}
              data-severity={finding.severity}
            >
              <p>
                <strong>{isNote(finding) ? 'Note' : 'Warning'}</strong> {visible(finding.message)}
              </p>
              <p class="plot-remedy">{visible(finding.remedy)}</p>
              <Shown sweep={sweep} finding={finding} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function isNote({ severity }: Finding): boolean {
  return severity === 'note'
}

function Shown({ sweep, finding: { parameter, trials } }: { sweep: LoadedSweep; finding: Finding }) {
  if (parameter === null && trials.length === 0) return null
  return (
    <p class="plot-shown">
      {parameter !== null && (
        <button type="button" class="plot-link" onClick={() => ask(sweep.id, parameter)}>
          See {visible(parameter)}
        </button>
      )}
      {trials.length > 0 && (
        <button
          type="button"
          class="plot-link"
          onClick={() => {
            sweep.selection.value = { ...sweep.selection.peek(), picked: trials }
          }}
        >
          Select{' '}
          {trials.length === 1
            ? `trial ${trials[0]}`
            : `trials ${trials.slice(0, few).join(', ')}${trials.length > few ? ' …' : ''}`}
        </button>
      )}
    </p>
  )
}
