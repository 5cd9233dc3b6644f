/** What can be done with the table of trials: choosing its columns, saving its rows. */
import type { ReadonlySignal } from '@preact/signals'
import { useState } from 'preact/hooks'
import { count } from '../../../format.js'
import type { OpenSweep } from '../open-sweep.js'
import { saveCsv } from '../plots/save.js'
import { allColumns, exactRows, familyOf, titleOf, usualColumns } from '../table-columns.js'

interface ChooserProps {
  readonly sweep: OpenSweep
  readonly shown: readonly string[]
}

export function ColumnChooser({ sweep, shown }: ChooserProps) {
  const [search, setSearch] = useState('')
  const { table, head } = sweep
  const all = allColumns(table, head.value)
  const found = all.filter((name) => name.toLowerCase().includes(search.toLowerCase()))
  const choose = (name: string, wanted: boolean) => {
    const chosen = new Set(wanted ? [...shown, name] : shown.filter((one) => one !== name))
    sweep.columns.value = all.filter((one) => chosen.has(one))
  }
  return (
    <details
      class="chooser"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.currentTarget.open = false
        event.currentTarget.querySelector('summary')?.focus()
      }}
    >
      <summary>
        Columns <span class="muted">{`${shown.length} of ${all.length}`}</span>
      </summary>
      <div class="chooser-list">
        {all.length > 12 && (
          <input
            type="search"
            aria-label="Find a column"
            placeholder="Find a column"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        )}
        <ul>
          {found.map((name) => (
            <li key={name}>
              <label>
                <input
                  type="checkbox"
                  checked={shown.includes(name)}
                  onChange={(event) => choose(name, event.currentTarget.checked)}
                />
                {titleOf(name, head.value)} <span class="muted">{familyOf(name)}</span>
              </label>
            </li>
          ))}
        </ul>
        <button
          type="button"
          onClick={() => {
            sweep.columns.value = null
          }}
          disabled={sweep.columns.value === null || shown.join() === usualColumns(table, head.value).join()}
        >
          As at first
        </button>
      </div>
    </details>
  )
}

interface SaveProps {
  readonly sweep: OpenSweep
  readonly rows: ReadonlySignal<Int32Array>
}

/** Saves the rows that are selected, picked ones where there are any, in the order of the table. */
export function SaveRows({ sweep, rows }: SaveProps) {
  const save = () => {
    const mask = sweep.mask.value
    const selected = rows.value.filter((row) => mask[row] === 1)
    saveCsv(`trials-${sweep.id.slice(0, 8)}`, exactRows(sweep.table, sweep.head.value, selected))
  }
  return (
    <button type="button" onClick={save} disabled={sweep.selected.value === 0}>
      {`Save ${count(sweep.selected.value, 'row')} as CSV`}
    </button>
  )
}
