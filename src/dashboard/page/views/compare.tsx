/** Chosen sweeps in one set of plots, on the same axes. */
import { useMemo, useState } from 'preact/hooks'
import { percent } from '../../../format.js'
import { plain, visible } from '../../../shown.js'
import { elapsedOf } from '../elapsed.js'
import type { LoadedSweep } from '../loaded.js'
import { Scrolls } from '../parts/scrolls.js'
import { bestSeries, comparePicture, type Series, shareSeries } from '../plots/compare.js'
import { Switch, Toggle } from '../plots/controls.js'
import { courseOf } from '../plots/history.js'
import type { Frame } from '../plots/picture.js'
import { Plot } from '../plots/plot.js'
import { finishedValues } from '../ranking.js'

export function CompareView({ sweeps }: { sweeps: readonly LoadedSweep[] }) {
  const versions = sweeps.map((sweep) => sweep.version.value).join()
  const heads = sweeps.map((sweep) => sweep.head.value)
  const [along, setAlong] = useState<'trial' | 'time'>('trial')
  const [log, setLog] = useState(false)
  const first = heads[0]?.entry.objective
  const comparable = sweeps.filter((_, place) => {
    const { metric, direction } = heads[place].entry.objective
    return metric === first?.metric && direction === first.direction
  })
  const names = useMemo(() => namesOf(sweeps), [heads.map(({ run }) => run.name).join()])
  const kindOf = (sweep: LoadedSweep) => sweeps.indexOf(sweep)
  const bests = useMemo(
    () => comparable.map((sweep) => bestOf(sweep, names[kindOf(sweep)], kindOf(sweep), along)),
    [versions, along, names],
  )
  const shares = useMemo(
    () =>
      comparable.map((sweep) =>
        shareSeries(names[kindOf(sweep)], kindOf(sweep), finishedValues(sweep.table)),
      ),
    [versions, names],
  )
  const metric = plain(first?.metric ?? '')
  const direction = first?.direction ?? 'maximize'
  const bestPicture = useMemo(
    () => (frame: Frame) => comparePicture(frame, bests, { metric, direction, along, log }),
    [bests, metric, direction, along, log],
  )
  const sharePicture = useMemo(
    () => (frame: Frame) => comparePicture(frame, shares, { metric, direction, along: 'value', log: false }),
    [shares, metric, direction],
  )
  if (sweeps.length === 0) return <p class="plot-note">No sweep is chosen.</p>
  const positive = bests.every(({ values }) => values.every((value) => value > 0))
  return (
    <div class="plot-stack">
      {comparable.length < sweeps.length && (
        <p class="plot-note">
          Drawn are the {comparable.length} of {sweeps.length} sweeps that are judged by {metric}, as the
          first is.
        </p>
      )}
      <Plot
        sweep={null}
        title="Best so far"
        summary={`The best ${metric} of each sweep ${along === 'trial' ? 'by trials' : 'by time since it began'}, on the same axes; ${direction === 'maximize' ? 'higher' : 'lower'} is better.`}
        height={340}
        picture={bestPicture}
        data={() => seriesData(bests, along, metric)}
      >
        <Switch
          label="Along"
          value={along}
          options={[
            ['trial', 'by trials'],
            ['time', 'by time'],
          ]}
          change={setAlong}
        />
        {positive && <Toggle label="log axis" value={log} change={setLog} />}
      </Plot>
      <Plot
        sweep={null}
        title={`Distribution of ${metric}`}
        summary="The share of the finished trials of each sweep that came to at most each value."
        height={280}
        picture={sharePicture}
        data={() => seriesData(shares, metric, 'share in per cent')}
      />
      <Importances sweeps={sweeps} names={names} />
    </div>
  )
}

/** Names that tell sweeps apart: with their ids where two are called alike. */
function namesOf(sweeps: readonly LoadedSweep[]): string[] {
  const names = sweeps.map((sweep) => visible(sweep.head.peek().run.name))
  return names.map((name, place) =>
    names.filter((one) => one === name).length > 1
      ? `${name} (${visible(sweeps[place].id).slice(0, 12)})`
      : name,
  )
}

function bestOf(sweep: LoadedSweep, name: string, kind: number, along: 'trial' | 'time'): Series {
  const head = sweep.head.peek()
  const { table } = sweep
  const at = along === 'time' ? elapsedOf(head, table) : table.numbers('trial')
  const values = finishedValues(table)
  const course = courseOf(at, along).map((row) => ({ at: at[row], value: values[row] }))
  return bestSeries(name, kind, course, head.entry.objective.direction)
}

function seriesData(series: readonly Series[], along: string, what: string) {
  return {
    columns: ['sweep', along, what],
    rows: series.flatMap(({ name, at, values }) => at.map((one, k) => [name, one, values[k]])),
  }
}

/** Side by side, the parameters that mattered most anywhere first. */
function Importances({ sweeps, names }: { sweeps: readonly LoadedSweep[]; names: readonly string[] }) {
  const insights = sweeps.map((sweep) => sweep.insight.value)
  const most = new Map<string, number>()
  for (const insight of insights)
    for (const { name, importance } of insight?.parameters ?? [])
      most.set(name, Math.max(most.get(name) ?? 0, importance))
  if (most.size === 0) return null
  const parameters = [...most].sort(([, a], [, b]) => b - a).map(([name]) => name)
  return (
    <section aria-label="What mattered">
      <h3 class="plot-title">What mattered</h3>
      <Scrolls label="What mattered in each sweep">
        <table class="plot-shares">
          <thead>
            <tr>
              <td />
              {names.map((name, kind) => (
                <th key={name} scope="col">
                  <span class="plot-kind" data-kind={(kind % 8) + 1} aria-hidden="true" />
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {parameters.map((parameter) => (
              <tr key={parameter}>
                <th scope="row">{visible(parameter)}</th>
                {insights.map((insight, place) => {
                  const found = insight?.parameters.find(({ name }) => name === parameter)
                  return (
                    <td key={names[place]}>
                      {found === undefined ? (
                        ''
                      ) : (
                        <span class="plot-share">
                          <meter min={0} max={1} value={found.importance} aria-hidden="true" />
                          {percent(found.importance)}
                        </span>
                      )}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      {insights.map(
        (insight, place) =>
          insight?.unsure != null && (
            <p key={names[place]} class="plot-summary">
              {`Of ${names[place]} the record cannot tell: ${visible(insight.unsure)}.`}
            </p>
          ),
      )}
    </section>
  )
}
