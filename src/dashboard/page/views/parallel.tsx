/** Parallel coordinates of the searched parameters, with what is brushed on them, by hand or by typing. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { moved, type Scale, withScale } from '../axes-view.js'
import type { LoadedSweep } from '../loaded.js'
import { Slider, Switch } from '../plots/controls.js'
import type { Field } from '../plots/fields.js'
import { countText } from '../plots/numbers.js'
import { parallelColumns, parallelHeight, parallelPicture } from '../plots/parallel.js'
import type { Frame } from '../plots/picture.js'
import { Plot } from '../plots/plot.js'
import { everything } from '../selection.js'
import { Limits } from './limits.js'

/** Shares of the best that can be asked for; the last is all. */
const shares = [1, 2, 5, 10, 20, 30, 40, 50, 75, 100]

export function ParallelView({ sweep }: { sweep: LoadedSweep }) {
  const head = sweep.head.value
  const version = sweep.version.value
  const insight = sweep.insight.value
  const selection = sweep.selection.value
  const { table } = sweep
  const host = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(1000)
  const axes = sweep.axes.value
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const columns = useMemo(
    () => parallelColumns({ head }, insight, axes.order),
    [axes.order, head.parameters, insight],
  )
  const picture = useMemo(() => {
    const { scales } = axes
    const move = (from: number, to: number) => {
      sweep.axes.value = { ...axes, order: moved(columns, from, to) }
    }
    const scale = (field: Field, to: Scale) => {
      sweep.axes.value = withScale(axes, field, to)
    }
    return (frame: Frame) => parallelPicture(frame, { head, table }, { columns, scales, move, scale })
  }, [sweep, head, table, version, columns, axes])
  const isRanked = insight !== null && insight.parameters.length > 0
  const isOwn = axes.order !== 'importance' && axes.order !== 'file'
  const height = parallelHeight(width, columns.length)
  const at = selection.top === null ? shares.length - 1 : nearestShare(selection.top)
  const narrowed =
    selection.top !== null ||
    selection.where !== '' ||
    selection.picked.length > 0 ||
    Object.keys(selection.brushes).length > 0
  return (
    <div ref={host}>
      <Plot
        sweep={sweep}
        title="All parameters at once"
        summary={`Each line is a trial, the best on top. Drag along an axis to select; drag a name to move its axis, click it for a log or a linear scale. ${countText(sweep.selected.value)} of ${countText(table.length)} trials are selected.`}
        height={height}
        picture={picture}
        data={() => ({
          columns: ['trial', ...columns],
          rows: Array.from({ length: table.length }, (_, row) =>
            ['trial', ...columns].map((column) => table.cell(column, row)),
          ),
        })}
      >
        {(isRanked || isOwn) && (
          <Switch
            label="Order of the axes"
            value={isOwn ? 'own' : isRanked ? (axes.order as 'importance' | 'file') : 'file'}
            options={[
              ...(isRanked ? [['importance', 'by importance'] as const] : []),
              ['file', 'as in the file'],
              ...(isOwn ? [['own', 'as moved'] as const] : []),
            ]}
            change={(order) => {
              if (order !== 'own') sweep.axes.value = { ...axes, order }
            }}
          />
        )}
        <Slider
          label="the best"
          value={at}
          min={0}
          max={shares.length - 1}
          step={1}
          text={selection.top === null ? 'all' : `${selection.top} %`}
          change={(place) => {
            sweep.selection.value = {
              ...sweep.selection.peek(),
              top: shares[place] === 100 ? null : shares[place],
            }
          }}
        />
        {narrowed && (
          <button
            type="button"
            onClick={() => {
              sweep.selection.value = everything
            }}
          >
            Select all
          </button>
        )}
      </Plot>
      <Limits sweep={sweep} columns={columns} />
    </div>
  )
}

function nearestShare(top: number): number {
  let found = 0
  for (const [place, share] of shares.entries())
    if (Math.abs(share - top) < Math.abs(shares[found] - top)) found = place
  return found
}
