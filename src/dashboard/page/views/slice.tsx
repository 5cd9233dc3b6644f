/** One small picture a parameter: values along it, and what the model of the trials makes of it. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { percent } from '../../../format.js'
import { visible } from '../../../shown.js'
import type { LoadedSweep } from '../loaded.js'
import { Toggle } from '../plots/controls.js'
import { valuesOf } from '../plots/fields.js'
import type { Frame } from '../plots/picture.js'
import { Plot } from '../plots/plot.js'
import { slicePicture, sliceRange } from '../plots/slice.js'
import { clipRange } from '../plots/statistics.js'
import { asked } from './asked.js'
import { metricColumn, orderedParameters } from './common.js'
import { More } from './shared.js'

/** Slices that are shown before more are asked for. */
const few = 8

export function SliceView({ sweep }: { sweep: LoadedSweep }) {
  const head = sweep.head.value
  const version = sweep.version.value
  const insight = sweep.insight.value
  const metric = metricColumn(head, sweep.metric.value)
  const { table } = sweep
  const [log, setLog] = useState(false)
  const [more, setMore] = useState(false)
  const parameters = useMemo(() => orderedParameters(head, insight), [head, insight])
  const direction = insight?.direction ?? head.entry.objective.direction
  const range = useMemo(() => {
    const values = valuesOf(table, metric)
    return sliceRange(
      values,
      clipRange(values, direction),
      insight?.parameters.map((one) => one.marginal) ?? [],
    )
  }, [table, version, metric, insight, direction])
  const wanted = asked.value
  useEffect(() => {
    if (wanted?.sweep !== sweep.id || wanted.parameters.length !== 1) return
    if (parameters.indexOf(wanted.parameters[0]) >= few) setMore(true)
  }, [wanted, sweep.id, parameters])
  const shown = more ? parameters : parameters.slice(0, few)
  return (
    <section class="plot-group" aria-label="By parameter">
      <header class="plot-head">
        <div class="plot-words">
          <h3 class="plot-title">By parameter</h3>
          <p class="plot-summary">
            {visible(sweep.metric.value)} of each trial along each parameter
            {insight !== null && insight.parameters.length > 0
              ? ', the one that mattered most first. The line is what a model of the trials gives on average over the others, with its deviation.'
              : '.'}
          </p>
        </div>
        <div class="plot-controls">
          {range !== null && range.min > 0 && <Toggle label="log axis" value={log} change={setLog} />}
        </div>
      </header>
      <div class="plot-grid">
        {shown.map((name) => (
          <Slice key={name} sweep={sweep} name={name} metric={metric} range={range} log={log} />
        ))}
      </div>
      {parameters.length === 0 && <p class="plot-note">This sweep searches no parameter.</p>}
      <More few={few} all={parameters.length} more={more} change={setMore} />
    </section>
  )
}

interface SliceProps {
  readonly sweep: LoadedSweep
  readonly name: string
  readonly metric: string
  readonly range: ReturnType<typeof sliceRange>
  readonly log: boolean
}

function Slice({ sweep, name, metric, range, log }: SliceProps) {
  const head = sweep.head.value
  const version = sweep.version.value
  const { table } = sweep
  const found = sweep.insight.value?.parameters.find((one) => one.name === name)
  const facts = head.parameters.find((one) => one.name === name)
  const column = `params.${name}`
  const marginal = found?.marginal ?? null
  const picture = useMemo(
    () => (frame: Frame) => slicePicture(frame, { head, table }, { column, metric, marginal, range, log }),
    [head, table, version, column, metric, marginal, range, log],
  )
  const host = useRef<HTMLDivElement>(null)
  const wanted = asked.value
  const isAsked =
    wanted?.sweep === sweep.id && wanted.parameters.length === 1 && wanted.parameters[0] === name
  useEffect(() => {
    if (isAsked) host.current?.scrollIntoView({ block: 'center' })
  }, [wanted, isAsked])
  const when = facts?.when == null ? '' : ` Where ${visible(facts.when)}.`
  const share =
    found === undefined || sweep.insight.value?.unsure != null
      ? ''
      : `${percent(found.importance)} of what mattered.`
  return (
    <div ref={host} class={isAsked ? 'plot-asked' : undefined}>
      <Plot
        sweep={sweep}
        level={4}
        title={visible(name)}
        summary={`${share}${when}` || 'Each trial.'}
        height={190}
        picture={picture}
        data={() => ({
          columns: ['trial', name, metric],
          rows: Array.from({ length: table.length }, (_, row) =>
            ['trial', column, metric].map((one) => table.cell(one, row)),
          ),
        })}
      />
    </div>
  )
}
