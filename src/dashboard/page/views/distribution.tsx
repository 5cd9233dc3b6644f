/** How the values are spread, and where the selected trials gather in each parameter. */
import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { visible } from '../../../shown.js'
import type { LoadedSweep } from '../loaded.js'
import { Switch } from '../plots/controls.js'
import { type DistributionOptions, distributionPicture } from '../plots/distribution.js'
import { labelOf } from '../plots/fields.js'
import { countText } from '../plots/numbers.js'
import type { Frame } from '../plots/picture.js'
import { Plot } from '../plots/plot.js'
import { metricColumn, orderedParameters } from './common.js'
import { More } from './shared.js'

/** Parameters that are shown before more are asked for. */
const few = 8

export function DistributionView({ sweep }: { sweep: LoadedSweep }) {
  const head = sweep.head.value
  sweep.version.value
  const [kind, setKind] = useState<'counts' | 'shares'>('counts')
  const [more, setMore] = useState(false)
  const metric = sweep.metric.value
  const names = orderedParameters(head, sweep.insight.value)
  const all = sweep.selected.value === sweep.table.length
  const of = all
    ? `${countText(sweep.table.length)} trials`
    : `the ${countText(sweep.selected.value)} selected trials, in blue, before all ${countText(sweep.table.length)}`
  return (
    <div>
      <One
        sweep={sweep}
        column={metricColumn(head, metric)}
        kind={kind}
        title={`Distribution of ${visible(metric)}`}
        summary={
          kind === 'counts'
            ? `How many of ${of} came to each value.`
            : `The share of ${of} that came to at most each value.`
        }
        height={230}
        level={3}
      >
        <Switch
          label="Shown as"
          value={kind}
          options={[
            ['counts', 'histogram'],
            ['shares', 'share below'],
          ]}
          change={setKind}
        />
      </One>
      {names.length > 0 && (
        <p class="plot-note">
          {all
            ? 'All trials along each parameter.'
            : 'The selected before all, each drawn to its own height: where they gather.'}
        </p>
      )}
      <div class="plot-grid plot-below">
        {(more ? names : names.slice(0, few)).map((name) => (
          <One
            key={name}
            sweep={sweep}
            column={`params.${name}`}
            kind="shapes"
            title={visible(name)}
            summary={all ? 'All trials.' : 'The selected before all, each drawn to its own height.'}
            quiet
            height={130}
            level={4}
          />
        ))}
      </div>
      <More few={few} all={names.length} more={more} change={setMore} />
    </div>
  )
}

interface OneProps extends DistributionOptions {
  readonly sweep: LoadedSweep
  readonly title: string
  readonly summary: string
  readonly height: number
  readonly level: 3 | 4
  readonly quiet?: boolean
  readonly children?: ComponentChildren
}

function One({ sweep, column, kind, title, summary, height, level, quiet, children }: OneProps) {
  const head = sweep.head.value
  const version = sweep.version.value
  const { table } = sweep
  const picture = useMemo(
    () => (frame: Frame) => distributionPicture(frame, { head, table }, { column, kind }),
    [head, table, version, column, kind],
  )
  return (
    <Plot
      sweep={sweep}
      title={title}
      summary={summary}
      height={height}
      level={level}
      quiet={quiet}
      picture={picture}
      data={() => ({
        columns: ['trial', labelOf(head, column), 'selected'],
        rows: Array.from({ length: table.length }, (_, row) => [
          table.cell('trial', row),
          table.cell(column, row),
          sweep.mask.peek()[row],
        ]),
      })}
    >
      {children}
    </Plot>
  )
}
