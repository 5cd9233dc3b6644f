/** The course of a sweep. */
import { useMemo, useState } from 'preact/hooks'
import { number } from '../../../shown.js'
import type { LoadedSweep } from '../loaded.js'
import { Switch, Toggle } from '../plots/controls.js'
import { historyPicture } from '../plots/history.js'
import { countText, shortNumber } from '../plots/numbers.js'
import type { DataTable } from '../plots/picture.js'
import { Plot } from '../plots/plot.js'
import { predictionError } from '../plots/statistics.js'
import type { SweepData } from '../plots/trial.js'
import { finishedValues } from '../ranking.js'
import { exactCell } from '../table-columns.js'

export function HistoryView({ sweep }: { sweep: LoadedSweep }) {
  const head = sweep.head.value
  const version = sweep.version.value
  const { table } = sweep
  const [by, setBy] = useState<'trial' | 'time'>('trial')
  const [log, setLog] = useState(false)
  const error = useMemo(
    () => predictionError(table.numbers('predicted'), table.numbers('deviation'), finishedValues(table)),
    [table, version],
  )
  const [wanted, setWanted] = useState<boolean | null>(null)
  const predicted = wanted ?? (error !== null && table.length <= 400)
  const positive = useMemo(() => table.numbers('value').every((value) => !(value <= 0)), [table, version])
  const picture = useMemo(
    () => (frame: Parameters<typeof historyPicture>[0]) =>
      historyPicture(frame, { head, table }, { by, log, predicted }),
    [head, table, version, by, log, predicted],
  )
  return (
    <Plot
      sweep={sweep}
      title="History"
      summary={historySummary({ head, table }, error)}
      height={head.entry.best === null ? 200 : error !== null && predicted ? 400 : 330}
      picture={picture}
      data={() => historyData({ head, table })}
    >
      <Switch
        label="Along"
        value={by}
        options={[
          ['trial', 'by trial'],
          ['time', 'by time'],
        ]}
        change={setBy}
      />
      {error !== null && <Toggle label="predicted" value={predicted} change={setWanted} />}
      {positive && <Toggle label="log axis" value={log} change={setLog} />}
    </Plot>
  )
}

/** What there is to see, in a sentence or two. */
function historySummary({ head, table }: SweepData, error: ReturnType<typeof predictionError>): string {
  const { best, trials } = head.entry
  if (table.length === 0) return 'No trial has begun yet.'
  const found =
    best === null
      ? `None of ${countText(table.length)} trials has finished with a value.`
      : `The best, ${number(best.value)}, came with trial ${best.trial} of ${countText(table.length)}.`
  const failed = trials.failed > 0 && best === null ? ` ${countText(trials.failed)} failed.` : ''
  const off =
    error === null
      ? ''
      : ` Predictions were off by ${shortNumber(error.median, 2)} in the median; ${Math.round((100 * error.within) / error.count)} % of the values came within two deviations.`
  return found + failed + off
}

function historyData({ table }: SweepData): DataTable {
  const columns = ['trial', 'status', 'value', 'predicted', 'deviation', 'seconds', 'started', 'ended']
  return {
    columns,
    rows: Array.from({ length: table.length }, (_, row) =>
      columns.map((column) => exactCell(table, column, row)),
    ),
  }
}
