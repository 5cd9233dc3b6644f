/** Why trials failed, how often, and where. */
import { useMemo } from 'preact/hooks'
import { visible } from '../../../shown.js'
import type { LoadedSweep } from '../loaded.js'
import { barHeight, barsPicture, barsTop } from '../plots/bars.js'
import { failureGroups, withReason } from '../plots/failures.js'
import { countText } from '../plots/numbers.js'
import type { Frame } from '../plots/picture.js'
import { Plot } from '../plots/plot.js'
import { Nothing } from './shared.js'

/** Trials that are named of each reason. */
const few = 6
/** Reasons that are drawn. */
const most = 12

export function FailuresView({ sweep }: { sweep: LoadedSweep }) {
  const head = sweep.head.value
  const version = sweep.version.value
  const { table } = sweep
  const groups = useMemo(() => failureGroups({ head, table }), [head, table, version])
  const total = groups.reduce((sum, { trials }) => sum + trials.length, 0)
  const shown = groups.slice(0, most)
  const picture = useMemo(
    () => (frame: Frame) =>
      barsPicture(
        frame,
        shown.map(({ code, trials, where }) => ({
          label: visible(code ?? 'no reason on record'),
          value: trials.length,
          text: countText(trials.length),
          colour: frame.theme.failed,
          lines: [
            ['trials', countText(trials.length)],
            ...(where === null ? [] : [['mostly where', where] as const]),
          ],
          act: () => {
            const selection = sweep.selection.peek()
            const where = withReason(selection.where, code, groups)
            sweep.selection.value = { ...selection, where, picked: [] }
          },
        })),
        Math.max(1, ...shown.map(({ trials }) => trials.length)),
        'No trial failed.',
      ),
    [groups, sweep],
  )
  if (total === 0) return <Nothing title="Failures" why="No trial failed." />
  return (
    <div>
      <Plot
        sweep={null}
        title="Failures"
        summary={`${countText(total)} of ${countText(table.length)} trials failed. Click a reason to select its trials, and again to take that back.`}
        height={barsTop * 2 + shown.length * barHeight}
        picture={picture}
        data={() => ({
          columns: ['reason', 'trial'],
          rows: groups.flatMap(({ code, trials }) => trials.map((trial) => [code, trial])),
        })}
      />
      <ul class="plot-reasons">
        {shown.map(({ code, trials, where }) => (
          <li key={code ?? ''}>
            <strong>{visible(code ?? 'no reason on record')}</strong>{' '}
            {where !== null && <span>mostly where {where}; </span>}
            {trials.length === 1 ? 'trial' : 'trials'}{' '}
            {trials.slice(0, few).map((trial, index) => (
              <span key={trial}>
                {index > 0 && ', '}
                <button type="button" class="link" onClick={() => sweep.open(trial)}>
                  {trial}
                </button>
              </span>
            ))}
            {trials.length > few && ' …'}
          </li>
        ))}
      </ul>
    </div>
  )
}
