/** What may be wrong with a sweep, each with its remedy. */
import type { Finding } from '../../../analysis/index.js'
import { count } from '../../../format.js'
import { visible } from '../../../shown.js'
import type { LoadedSweep } from '../loaded.js'
import { ask } from './asked.js'
import { InsightToCome } from './shared.js'

/** More notes than these would push what one came for out of view: they stand behind a line. */
const mostNotes = 2
/** Trials that are named of each finding. */
const few = 8

export function HealthView({ sweep }: { sweep: LoadedSweep }) {
  const insight = sweep.insight.value
  if (insight === null) return <InsightToCome sweep={sweep} what="Whether anything is wrong" />
  const { health } = insight
  const notes = health.filter(isNote)
  const warnings = health.filter((finding) => !isNote(finding))
  const hasMany = notes.length > mostNotes
  return (
    <section class="plot" aria-label="Health">
      <h2 class="plot-title">Health</h2>
      {health.length === 0 && <p class="plot-summary">Nothing was found to be wrong with this sweep.</p>}
      <Findings sweep={sweep} findings={hasMany ? warnings : [...warnings, ...notes]} />
      {hasMany && (
        <details>
          <summary>{count(notes.length, 'note')}</summary>
          <Findings sweep={sweep} findings={notes} />
        </details>
      )}
    </section>
  )
}

function Findings({ sweep, findings }: { sweep: LoadedSweep; findings: readonly Finding[] }) {
  if (findings.length === 0) return null
  return (
    <ul class="plot-findings">
      {findings.map((finding) => (
        <li key={`${finding.kind} ${finding.parameter} ${finding.message}`} data-severity={finding.severity}>
          <p>
            <strong>{isNote(finding) ? 'Note' : 'Warning'}</strong> {visible(finding.message)}
          </p>
          <p class="plot-remedy">{visible(finding.remedy)}</p>
          <Shown sweep={sweep} finding={finding} />
        </li>
      ))}
    </ul>
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
        <button type="button" class="link" onClick={() => ask(sweep.id, parameter)}>
          See {visible(parameter)}
        </button>
      )}
      {trials.length > 0 && (
        <button
          type="button"
          class="link"
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
