/** Which parameters mattered, how sure that is, and which of them matter together. */
import { useMemo, useState } from 'preact/hooks'
import type { Insight, ParameterInsight, Share } from '../../../analysis/index.js'
import { percent } from '../../../format.js'
import { number, visible } from '../../../shown.js'
import type { LoadedSweep } from '../loaded.js'
import { type Bar, barHeight, barsPicture, barsTop } from '../plots/bars.js'
import { Switch } from '../plots/controls.js'
import { countText } from '../plots/numbers.js'
import type { DataTable, Frame } from '../plots/picture.js'
import { Plot } from '../plots/plot.js'
import { ask } from './asked.js'
import { InsightToCome, More, Nothing } from './shared.js'

type Measure = 'importance' | 'amongBetter' | 'pedAnova' | 'sobol'

const measures: Readonly<Record<Measure, { label: string; words: string }>> = {
  importance: { label: 'over all trials', words: 'Shares of what made the difference' },
  amongBetter: { label: 'among the better', words: 'Shares of what tells the best from the good' },
  pedAnova: { label: 'PED-ANOVA', words: 'Shares of what tells the best tenth from the others' },
  sobol: { label: 'total Sobol’', words: 'Of all variance, what each has a part in' },
}

/** Parameters that are drawn before more are asked for. */
const few = 12

export function ImportanceView({ sweep }: { sweep: LoadedSweep }) {
  const insight = sweep.insight.value
  const [wanted, choose] = useState<Measure>('importance')
  const [more, setMore] = useState(false)
  const measure = insight?.parameters.some((one) => shareOf(one, wanted) !== null) ? wanted : 'importance'
  const list = useMemo(() => rankedBy(insight, measure), [insight, measure])
  const bars = more ? list : list.slice(0, few)
  const picture = useMemo(
    () => (frame: Frame) => {
      const most = Math.max(...bars.map(([, share]) => share.high), 0.01)
      return barsPicture(
        frame,
        bars.map(([one, share]) => barOf(one, share, measure, () => ask(sweep.id, one.name))),
        most,
        'No parameter was searched.',
      )
    },
    [bars, measure, sweep.id],
  )
  if (insight === null) return <InsightToCome sweep={sweep} what="What mattered" />
  if (insight.parameters.length === 0)
    return <Nothing title="What mattered" why={visible(insight.unsure ?? 'No parameter was searched.')} />
  const options = (Object.keys(measures) as Measure[])
    .filter((one) => insight.parameters.some((parameter) => shareOf(parameter, one) !== null))
    .map((one) => [one, measures[one].label] as const)
  return (
    <div>
      <Plot
        sweep={null}
        title="What mattered"
        summary={summaryOf(insight, list, measure)}
        height={barsTop * 2 + bars.length * barHeight}
        picture={picture}
        data={() => importanceData(insight)}
      >
        <Switch label="Measured" value={measure} options={options} change={choose} />
      </Plot>
      <More few={few} all={list.length} more={more} change={setMore} />
      <Pairs sweep={sweep} insight={insight} />
    </div>
  )
}

function shareOf(one: ParameterInsight, measure: Measure): Share | null {
  return measure === 'importance' ? one : one[measure]
}

function rankedBy(insight: Insight | null, measure: Measure): (readonly [ParameterInsight, Share])[] {
  const known = (insight?.parameters ?? []).flatMap((one) => {
    const share = shareOf(one, measure)
    return share === null ? [] : [[one, share] as const]
  })
  return known.sort(([, a], [, b]) => b.importance - a.importance)
}

function barOf(one: ParameterInsight, share: Share, measure: Measure, act: () => void): Bar {
  const { importance, low, high } = share
  const lines: [string, string][] = [
    [measures[measure].label, percent(importance)],
    ['in nine of ten resamplings', `${percent(low)} to ${percent(high)}`],
  ]
  if (measure === 'importance' && one.amongBetter !== null)
    lines.push(['among the better (◇)', percent(one.amongBetter.importance)])
  if (one.active < 1) lines.push(['active in', percent(one.active)])
  if (one.tunability !== null) lines.push(['gain over the default', number(one.tunability)])
  return {
    label: visible(one.name),
    value: importance,
    low,
    high,
    text: percent(importance),
    beside: measure === 'importance' ? (one.amongBetter?.importance ?? null) : null,
    lines,
    act,
  }
}

function summaryOf(
  { unsure, metric, trials }: Insight,
  list: readonly (readonly [ParameterInsight, Share])[],
  measure: Measure,
): string {
  const first = list[0]
  const most =
    first === undefined
      ? ''
      : ` ${visible(first[0].name)} mattered most, with ${percent(first[1].importance)}.`
  const diamonds =
    measure === 'importance' && list.some(([one]) => one.amongBetter !== null)
      ? ' Diamonds: among the better half alone.'
      : ''
  const doubt = unsure === null ? '' : ` ${visible(unsure)}`
  return `${measures[measure].words} in ${visible(metric)}, by ${countText(trials)} trials.${most}${diamonds}${doubt}`
}

function importanceData({ parameters }: Insight): DataTable {
  const parts = (Object.keys(measures) as Measure[]).flatMap((one) => [one, `${one} low`, `${one} high`])
  return {
    columns: ['parameter', 'active', ...parts, 'tunability'],
    rows: parameters.map((one) => [
      one.name,
      one.active,
      ...(Object.keys(measures) as Measure[]).flatMap((measure) => {
        const share = shareOf(one, measure)
        return [share?.importance ?? null, share?.low ?? null, share?.high ?? null]
      }),
      one.tunability,
    ]),
  }
}

function Pairs({ sweep, insight }: { sweep: LoadedSweep; insight: Insight }) {
  if (insight.pairs.length === 0) return null
  return (
    <div class="plot-pairs">
      <h4>Matter together</h4>
      <ul>
        {insight.pairs.slice(0, 5).map(({ x, y, interaction }) => (
          <li key={`${x} ${y}`}>
            <button type="button" class="link" onClick={() => ask(sweep.id, x, y)}>
              {visible(x)} and {visible(y)}
            </button>{' '}
            {percent(interaction)}
          </li>
        ))}
      </ul>
    </div>
  )
}
