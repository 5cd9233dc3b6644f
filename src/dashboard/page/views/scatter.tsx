/** Trials by two or three columns, with their front. */
import { useMemo, useState } from 'preact/hooks'
import { visible } from '../../../shown.js'
import type { Direction } from '../../../values.js'
import type { LoadedSweep } from '../loaded.js'
import { Choice, Toggle } from '../plots/controls.js'
import { betterOf, choosable, labelOf, valuesOf } from '../plots/fields.js'
import { countText } from '../plots/numbers.js'
import type { Frame } from '../plots/picture.js'
import { Plot } from '../plots/plot.js'
import { type ScatterOptions, scatterFront, scatterPicture } from '../plots/scatter.js'
import { trialAt } from '../plots/trial.js'

export function ScatterView({ sweep }: { sweep: LoadedSweep }) {
  const head = sweep.head.value
  const version = sweep.version.value
  const { table } = sweep
  const columns = useMemo(() => choosable(head, table), [head, table, version])
  const [chosen, setX] = useState<string | null>(null)
  const [y, setY] = useState('value')
  const [colour, setColour] = useState('')
  const [front, setFront] = useState(true)
  const [sides, setSides] = useState<Readonly<Record<string, Direction>>>({})
  const [log, setLog] = useState<Readonly<Record<string, boolean>>>({})
  const data = { head, table }
  const x = chosen ?? firstAcross(columns, table.length)
  const sideOf = (column: string) => sides[column] ?? betterOf(head, column)
  const isLog = (column: string) =>
    log[column] ?? head.parameters.some((one) => one.log && `params.${one.name}` === column)
  const [sx, sy] = [sideOf(x), sideOf(y)]
  const options = useMemo(
    (): ScatterOptions => ({
      x,
      y,
      colour: colour === '' ? null : colour,
      better: front && sx !== null && sy !== null && x !== y ? [sx, sy] : null,
      logX: isLog(x),
      logY: isLog(y),
    }),
    [x, y, colour, front, sx, sy, log],
  )
  const rows = useMemo(() => scatterFront(data, options), [head, table, version, options])
  const picture = useMemo(
    () => (frame: Frame) => scatterPicture(frame, data, options),
    [head, table, version, options],
  )
  const choices = columns.map((column) => [column, labelOf(head, column)] as const)
  const canLog = (column: string) => {
    const found = table.columns.get(column)
    return found?.kind === 'number' && !valuesOf(table, column).some((value) => value <= 0)
  }
  const flip = (column: string, side: Direction) =>
    setSides({ ...sides, [column]: side === 'maximize' ? 'minimize' : 'maximize' })
  const parts = [x, y].map((column, k) => [column, [sx, sy][k]] as const)
  return (
    <Plot
      sweep={sweep}
      title="Trade-offs"
      summary={summaryOf(labelOf(head, x), labelOf(head, y), options, rows.length)}
      height={400}
      picture={picture}
      data={() => ({
        columns: ['trial', 'status', x, y, ...(colour === '' ? [] : [colour]), 'front'],
        rows: Array.from({ length: table.length }, (_, row) => [
          ...['trial', 'status', x, y, ...(colour === '' ? [] : [colour])].map((column) =>
            table.cell(column, row),
          ),
          rows.includes(row) ? 1 : 0,
        ]),
      })}
    >
      <Choice label="across" value={x} options={choices} change={setX} />
      <Choice label="up" value={y} options={choices} change={setY} />
      <Choice label="colour" value={colour} options={[['', 'how it ended'], ...choices]} change={setColour} />
      <Toggle label="front" value={front} change={setFront} />
      {front &&
        parts.map(([column, side]) => (
          <button key={column} type="button" onClick={() => flip(column, side ?? 'minimize')}>
            {labelOf(head, column)}:{' '}
            {side === 'maximize' ? 'higher' : side === 'minimize' ? 'lower' : 'which?'} is better
          </button>
        ))}
      {[x, y].filter(canLog).map((column) => (
        <Toggle
          key={`log ${column}`}
          label={`log axis of ${visible(labelOf(head, column))}`}
          value={isLog(column)}
          change={(value) => setLog({ ...log, [column]: value })}
        />
      ))}
      <span class="hidden">
        {rows.length > 0 &&
          `On the front: trials ${rows
            .slice(0, 20)
            .map((row) => trialAt(table, row))
            .join(', ')}`}
      </span>
    </Plot>
  )
}

/** What the value is looked at by until one chooses: what it cost or, of trials that do not say how long they took, what else is known. */
function firstAcross(columns: readonly string[], trials: number): string {
  if (trials === 0 || columns.includes('seconds')) return 'seconds'
  return columns.find((column) => column.startsWith('metrics.')) ?? 'trial'
}

function summaryOf(x: string, y: string, { better }: ScatterOptions, front: number): string {
  const what = `Each trial by ${x} and ${y}.`
  if (better === null || front === 0) return what
  return front === 1
    ? `${what} One trial is the best in both.`
    : `${what} ${countText(front)} trials stand on the front: whoever wants more of one gives up some of the other.`
}
