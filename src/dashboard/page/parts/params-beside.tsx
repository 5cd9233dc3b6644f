/** What a trial was tried with, beside the best's. */
import { value } from '../../../format.js'
import { plain } from '../../../shown.js'
import type { OpenSweep } from '../open-sweep.js'
import { Scrolls } from './scrolls.js'

/** Params of this trial and of the best, those that differ marked. */
export function ParamsBeside({
  sweep,
  trial,
  row,
}: {
  readonly sweep: OpenSweep
  readonly trial: number
  readonly row: number
}) {
  const { table, head } = sweep
  const best = head.value.entry.best
  const other = best === null || best.trial === trial ? undefined : table.rowOf(best.trial)
  const names = [...table.columns.keys()].filter(
    (name) =>
      name.startsWith('params.') &&
      (table.cell(name, row) !== null || (other !== undefined && table.cell(name, other) !== null)),
  )
  if (names.length === 0) return null
  return (
    <section aria-labelledby="params-title">
      <h2 id="params-title">Params</h2>
      <Scrolls label="Params beside those of the best">
        <table class="plain-table params">
          <thead>
            <tr>
              <th scope="col">param</th>
              <th scope="col">this trial</th>
              {other !== undefined && <th scope="col">{`the best, trial ${best!.trial}`}</th>}
            </tr>
          </thead>
          <tbody>
            {names.map((name) => {
              const [own, bests] = [
                table.cell(name, row),
                other === undefined ? null : table.cell(name, other),
              ]
              const differs = other !== undefined && own !== bests
              return (
                <tr key={name} class={differs ? 'differs' : ''}>
                  <th scope="row">{plain(name.slice('params.'.length))}</th>
                  <td>{own === null ? <span class="muted">not active</span> : value(own)}</td>
                  {other !== undefined && (
                    <td>
                      {bests === null ? <span class="muted">not active</span> : value(bests)}
                      {differs && <span class="hidden">, differs</span>}
                    </td>
                  )}
                </tr>
              )
            })}
          </tbody>
        </table>
      </Scrolls>
    </section>
  )
}
