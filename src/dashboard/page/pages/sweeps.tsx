/** All sweeps of the store: how each stands, how good its best is, and which of them to compare. */
import { signal } from '@preact/signals'
import { count, day, metric, number } from '../../../format.js'
import { plain } from '../../../shown.js'
import type { SweepEntry } from '../../data/index.js'
import { correct, go } from '../address.js'
import { useApp } from '../context.js'
import { Command } from '../parts/copy.js'
import { Progress, timeLeft } from '../parts/progress.js'
import { Spark } from '../parts/spark.js'
import { Status } from '../parts/status.js'
import { besides, iso } from '../parts/values.js'
import { formatRoute, plainView } from '../routes.js'
import { type ListWishes, listColumns, listedSweeps, type SweepGroup } from '../sweep-list.js'

// Kept while other pages are looked at.
const chosen = signal<readonly string[]>([])

interface WishesProps {
  readonly wishes: ListWishes
}

/** How the list is looked at stands in the address. */
function wish(wishes: ListWishes): void {
  correct({ page: 'sweeps', wishes })
}

export function SweepsPage({ wishes }: WishesProps) {
  const { sweeps, facts, source } = useApp()
  if (sweeps.value === null) return <p class="muted coming">coming …</p>
  const { called = 'espalier', storeArgument = '' } = facts.value ?? {}
  if (sweeps.value.length === 0)
    return (
      <div class="empty">
        <h1>No sweeps yet</h1>
        <p>Start one in a terminal; it appears here by itself.</p>
        <Command label="a ready one" text={`${called} sweep search-spaces/wine-knn.json${storeArgument}`} />
        <Command label="of your data" text={`${called} init DATA.csv --target COLUMN --out sweep.json`} />
      </div>
    )
  const groups = listedSweeps(sweeps.value, wishes)
  const listed = groups.reduce((sum, { entries }) => sum + entries.length, 0)
  return (
    <>
      <div class="title-line">
        <h1>{source.live ? 'All sweeps' : 'Sweeps of this report'}</h1>
        <span class="muted">{count(sweeps.value.length, 'sweep')}</span>
      </div>
      <Filters sweeps={sweeps.value} wishes={wishes} />
      {listed === 0 ? (
        <p class="nothing">No sweep is like that.</p>
      ) : (
        <table class="sweeps">
          <ListHead wishes={wishes} />
          {groups.map((group) => (
            <Group key={group.experiment} group={group} />
          ))}
        </table>
      )}
    </>
  )
}

function Filters({ sweeps, wishes }: WishesProps & { readonly sweeps: readonly SweepEntry[] }) {
  const known = [...new Set(sweeps.map((entry) => entry.status))].sort()
  return (
    <div class="tools">
      <input
        type="search"
        aria-label="Find sweeps by name, experiment or tag"
        placeholder="Find by name, experiment, tag"
        value={wishes.text}
        onInput={(event) => {
          wish({ ...wishes, text: event.currentTarget.value })
        }}
      />
      <label>
        <span class="muted">status</span>{' '}
        <select
          value={wishes.status}
          onChange={(event) => {
            wish({ ...wishes, status: event.currentTarget.value })
          }}
        >
          <option value="">any</option>
          {known.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <label>
        <input
          type="checkbox"
          checked={wishes.grouped}
          onChange={(event) => {
            wish({ ...wishes, grouped: event.currentTarget.checked })
          }}
        />
        by experiment
      </label>
      <button
        type="button"
        class="primary"
        disabled={chosen.value.length < 2}
        onClick={() => go({ page: 'compare', sweeps: chosen.value })}
      >
        {chosen.value.length < 2 ? 'Compare: choose two or more' : `Compare ${number(chosen.value.length)}`}
      </button>
    </div>
  )
}

function ListHead({ wishes }: WishesProps) {
  const { by, descending } = wishes.order
  return (
    <thead>
      <tr>
        <th scope="col">
          <span class="hidden">Choose</span>
        </th>
        {listColumns.map(({ name, title, number: isNumber }) => (
          <th
            key={name}
            scope="col"
            class={`column-${name}${isNumber ? ' number' : ''}`}
            aria-sort={by !== name ? undefined : descending ? 'descending' : 'ascending'}
          >
            <button
              type="button"
              onClick={() => {
                const order = { by: name, descending: by === name ? !descending : name !== 'name' }
                wish({ ...wishes, order })
              }}
            >
              {title}
              <span aria-hidden="true" class="arrow">
                {by !== name ? '' : descending ? '↓' : '↑'}
              </span>
            </button>
          </th>
        ))}
      </tr>
    </thead>
  )
}

function Group({ group: { experiment, entries } }: { readonly group: SweepGroup }) {
  return (
    <tbody>
      {experiment !== null && (
        <tr class="group">
          <th scope="rowgroup" colSpan={listColumns.length + 1}>
            {plain(experiment)} <span class="muted">{count(entries.length, 'sweep')}</span>
          </th>
        </tr>
      )}
      {entries.map((entry) => (
        <Row key={entry.id} entry={entry} withExperiment={experiment === null} />
      ))}
    </tbody>
  )
}

function Row({ entry, withExperiment }: { readonly entry: SweepEntry; readonly withExperiment: boolean }) {
  const { id, name, experiment, best, objective } = entry
  const rate = entry.trialsPerMinute
  return (
    <tr>
      <td class="cell-choose">
        <input
          type="checkbox"
          aria-label={`Choose ${plain(name)} to compare`}
          checked={chosen.value.includes(id)}
          onChange={(event) => {
            const rest = chosen.value.filter((one) => one !== id)
            chosen.value = event.currentTarget.checked ? [...rest, id] : rest
          }}
        />
      </td>
      <td class="cell-name">
        <a href={formatRoute({ page: 'sweep', sweep: id, view: plainView })}>{plain(name)}</a>
        <span class="muted sub">{withExperiment ? plain(experiment) : id.slice(0, 8)}</span>
      </td>
      <td class="cell-status">
        <Status status={entry.status} />
      </td>
      <td class="cell-progress">
        <Progress entry={entry} />
      </td>
      <td class="cell-best number">
        {best === null ? (
          <span class="muted">{entry.status === 'running' ? 'no value yet' : 'no value'}</span>
        ) : (
          <>
            <strong>{metric(objective.metric, best.value)}</strong>
            <span class="muted sub">{plain(objective.metric)}</span>
          </>
        )}
      </td>
      <td class="cell-besides">
        <dl class="besides small">
          {besides(entry).map(({ name: what, value, note }) => (
            <div key={what} title={note}>
              <dt>{what}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </td>
      <td class="cell-spark">
        <Spark entry={entry} />
      </td>
      <td class="cell-pace number">
        {rate === null ? '' : number(Number(rate.toPrecision(3)))}
        <span class="muted sub">{timeLeft(entry) === '' ? '' : `${timeLeft(entry)} left`}</span>
      </td>
      <td class="cell-started number">{day(iso(entry.started))}</td>
    </tr>
  )
}
