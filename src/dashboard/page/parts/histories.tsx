/** Metrics by fold or step: short ones as a table, long ones by their ends and extremes. */
import { metric, number } from '../../../format.js'
import { plain } from '../../../shown.js'
import type { Histories as AllHistories, MetricHistory } from '../../../tracking/index.js'
import { ColumnTitles } from './column-titles.js'
import { Scrolls } from './scrolls.js'

/** Longer ones are summed up. */
const longest = 12

interface HistoriesProps {
  readonly history: AllHistories
  /** Metrics of no more steps than these are by fold. */
  readonly folds: number
}

export function Histories({ history, folds }: HistoriesProps) {
  const stepWord = ({ steps }: MetricHistory) => (steps.length <= folds ? 'fold' : 'step')
  const all = Object.entries(history)
  if (all.length === 0) return null
  const short = all.filter(([, { steps }]) => steps.length <= longest)
  const long = all.filter(([, { steps }]) => steps.length > longest)
  const groups = new Map<string, [string, MetricHistory][]>()
  for (const one of short) {
    const key = one[1].steps.join()
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">{folds > 0 ? 'By fold and step' : 'By step'}</h2>
      {[...groups].map(([key, group]) => (
        <Scrolls key={key} label={`Metrics by ${stepWord(group[0][1])}`}>
          <table class="plain-table numbers">
            <thead>
              <tr>
                <th scope="col">{stepWord(group[0][1])}</th>
                {group[0][1].steps.map((at) => (
                  <th key={at} scope="col">
                    {at}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {group.map(([name, { steps, values }]) => (
                <tr key={name}>
                  <th scope="row">{plain(name)}</th>
                  {values.map((value, i) => (
                    <td key={steps[i]}>{metric(name, value)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      ))}
      {long.length > 0 && (
        <Scrolls label="Metrics of many steps, summed up">
          <table class="plain-table numbers">
            <ColumnTitles titles={['metric', 'steps', 'first', 'lowest', 'highest', 'last']} />
            <tbody>
              {long.map(([name, series]) => (
                <Summary key={name} name={name} series={series} />
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
    </section>
  )
}

interface SummaryProps {
  readonly name: string
  readonly series: MetricHistory
}

function Summary({ name, series: { steps, values } }: SummaryProps) {
  let lowest = 0
  let highest = 0
  for (let i = 1; i < values.length; i++) {
    if (values[i] < values[lowest]) lowest = i
    if (values[i] > values[highest]) highest = i
  }
  const at = (i: number) => `${metric(name, values[i])} at step ${steps[i]}`
  return (
    <tr>
      <th scope="row">{plain(name)}</th>
      <td>{number(values.length)}</td>
      <td>{metric(name, values[0])}</td>
      <td>{at(lowest)}</td>
      <td>{at(highest)}</td>
      <td>{metric(name, values[values.length - 1])}</td>
    </tr>
  )
}
