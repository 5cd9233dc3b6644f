/** Two parameters at once, over the surface that a model of the trials gives. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Surface } from '../../../analysis/index.js'
import { visible } from '../../../shown.js'
import { textOf } from '../../../values.js'
import type { LoadedSweep } from '../loaded.js'
import { contourPicture } from '../plots/contour.js'
import { Choice } from '../plots/controls.js'
import type { Frame } from '../plots/picture.js'
import { Plot } from '../plots/plot.js'
import { asked } from './asked.js'
import { metricColumn, orderedParameters } from './common.js'

export function ContourView({ sweep }: { sweep: LoadedSweep }) {
  const head = sweep.head.value
  const version = sweep.version.value
  const insight = sweep.insight.value
  const metric = sweep.metric.value
  const { table } = sweep
  const [chosen, choose] = useState<readonly [string, string] | null>(null)
  const host = useRef<HTMLDivElement>(null)
  const names = useMemo(() => orderedParameters(head, insight), [head, insight])
  const pair = insight?.pairs[0]
  const [x, y] = chosen ?? (pair === undefined ? [names[0], names[1]] : [pair.x, pair.y])
  const { surface, state } = useSurface(sweep, x, y, metric)
  const wanted = asked.value
  useEffect(() => {
    if (wanted?.sweep !== sweep.id || wanted.parameters.length !== 2) return
    choose([wanted.parameters[0], wanted.parameters[1]])
    host.current?.scrollIntoView({ block: 'nearest' })
  }, [wanted, sweep.id])
  const direction = insight?.direction ?? head.entry.objective.direction
  const picture = useMemo(
    () => (frame: Frame) =>
      contourPicture(
        frame,
        { head, table },
        {
          x: `params.${x}`,
          y: `params.${y}`,
          metric: metricColumn(head, metric),
          label: visible(metric),
          direction,
          surface,
        },
      ),
    [head, table, version, x, y, metric, direction, surface],
  )
  if (names.length < 2)
    return <p class="plot-note">With one parameter there is no pair to look at: see it by itself above.</p>
  const options = names.map((name) => [name, visible(name)] as const)
  const choices = (other: string) => options.filter(([name]) => name !== other)
  return (
    <div ref={host}>
      <Plot
        sweep={sweep}
        title="Two parameters"
        summary={summaryOf(visible(x), visible(y), visible(metric), state)}
        height={430}
        picture={picture}
        data={() => surfaceData(surface, x, y)}
      >
        <Choice label="across" value={x} options={choices(y)} change={(value) => choose([value, y])} />
        <Choice label="up" value={y} options={choices(x)} change={(value) => choose([x, value])} />
      </Plot>
    </div>
  )
}

type SurfaceState = 'loading' | 'there' | 'none' | 'missing'

/** The surface of a pair, asked for again when the sweep has come on by a tenth. */
function useSurface(sweep: LoadedSweep, x: string | undefined, y: string | undefined, metric: string) {
  const [got, setGot] = useState<{ key: string; surface: Surface | null; state: SurfaceState } | null>(null)
  const trials = sweep.insight.value?.trials ?? 0
  const key = JSON.stringify([sweep.id, x, y, metric])
  useEffect(() => {
    if (x === undefined || y === undefined) return
    let current = true
    const take = (surface: Surface | null, state: SurfaceState) => {
      if (current) setGot({ key, surface, state })
    }
    sweep.source.surface(sweep.id, x, y, metric).then(
      (surface) => take(surface, surface === null ? 'none' : 'there'),
      () => take(null, 'missing'),
    )
    return () => {
      current = false
    }
  }, [key, trials])
  return got?.key === key
    ? { surface: got.surface, state: got.state }
    : { surface: null, state: 'loading' as SurfaceState }
}

function summaryOf(x: string, y: string, metric: string, state: SurfaceState): string {
  if (state === 'there')
    return `${metric} by ${x} and ${y}: the bands are what a model of the trials gives on average over the others, the dots are trials in the same colours.`
  if (state === 'loading')
    return `${metric} of the trials by ${x} and ${y}; the model's surface is being worked out.`
  const why =
    state === 'none'
      ? 'the record cannot tell what lies between them'
      : 'the surface of this pair is not in this report'
  return `${metric} of the trials by ${x} and ${y}; ${why}.`
}

function surfaceData(surface: Surface | null, x: string, y: string) {
  return {
    columns: [x, y, 'mean', 'deviation'],
    rows:
      surface?.yAt.flatMap((at, j) =>
        surface.xAt.map((across, i) => [
          typeof across === 'number' ? across : textOf(across),
          typeof at === 'number' ? at : textOf(at),
          surface.mean[j][i],
          surface.deviation[j][i],
        ]),
      ) ?? [],
  }
}
