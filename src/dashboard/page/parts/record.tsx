/** What is on the record of a sweep besides its trials: conditions of each session, what was asked for, files, trials taken out. */
import { count, instant, named } from '../../../format.js'
import { plain } from '../../../shown.js'
import { isJsonObject, type JsonObject } from '../../../values.js'
import type { SweepHead } from '../../data/index.js'
import { Artifacts } from './artifacts.js'
import { Lines } from './scrolls.js'

export function SweepRecord({ head: { run } }: { readonly head: SweepHead }) {
  return (
    <section class="record" aria-labelledby="record-title">
      <h2 id="record-title" tabIndex={-1}>
        Record
      </h2>
      {run.sessions.map(({ started, done, conditions }, i) => (
        <details key={started} open={i === run.sessions.length - 1 && run.sessions.length > 1}>
          <summary>
            {run.sessions.length === 1 ? 'Conditions' : `Session ${i + 1}`}{' '}
            <span class="muted">
              {instant(started)}
              {done === null || done === 0 ? '' : `, after ${count(done, 'trial')}`}
            </span>
          </summary>
          <Pairs entries={flat(conditions as JsonObject)} />
        </details>
      ))}
      {run.deleted.length > 0 && (
        <details>
          <summary>
            Trials taken out <span class="muted">{run.deleted.length}</span>
          </summary>
          <ul>
            {run.deleted.map(({ trial, at, by }) => (
              <li key={trial}>
                {`trial ${trial}`}
                {at !== null && by !== null && ` by ${plain(by.user)} on ${plain(by.host)}, ${instant(at)}`}
              </li>
            ))}
          </ul>
        </details>
      )}
      <details>
        <summary>
          What was asked for <span class="muted">JSON</span>
        </summary>
        <Lines label="What was asked for" text={JSON.stringify(run.spec, null, 2)} />
      </details>
      <Artifacts run={run} />
    </section>
  )
}

export function Pairs({ entries }: { readonly entries: readonly (readonly [string, string])[] }) {
  return (
    <dl class="pairs">
      {entries.map(([name, text]) => (
        <div key={name}>
          <dt>{plain(name)}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Nested records as dotted names. */
export function flat(object: JsonObject, prefix = ''): [string, string][] {
  return Object.entries(object).flatMap(([name, given]): [string, string][] => {
    const path = `${prefix}${plain(name)}`
    if (given === null || (Array.isArray(given) && given.length === 0)) return []
    return isJsonObject(given) ? flat(given as JsonObject, `${path}.`) : [[path, named(name, given)]]
  })
}
