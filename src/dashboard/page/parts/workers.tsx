/** The workers on other machines that do the fits of a sweep: who, where, with what, at what, and what they have done. */
import { instant, number } from '../../../format.js'
import { plain } from '../../../shown.js'
import type { SweepHead, SweepWorker } from '../../data/index.js'
import { ColumnTitles } from './column-titles.js'
import { Device } from './device.js'
import { Scrolls } from './scrolls.js'

interface WorkersProps {
  readonly head: SweepHead
  readonly onOpen: (trial: number) => void
}

export function Workers({ head: { workers, entry }, onOpen }: WorkersProps) {
  if (workers.length === 0) return null
  return (
    <section class="block" aria-labelledby="workers-title">
      <details open={entry.status === 'running'}>
        <summary>
          <span id="workers-title">Workers</span> <span class="muted">{number(workers.length)}</span>
        </summary>
        <Scrolls label="Workers">
          <table class="plain-table">
            <ColumnTitles titles={['worker', 'machine', 'devices', 'at', 'trials done', 'last heard of']} />
            <tbody>
              {workers.map((worker) => (
                <Row key={worker.id} worker={worker} onOpen={onOpen} />
              ))}
            </tbody>
          </table>
        </Scrolls>
      </details>
    </section>
  )
}

function Row({
  worker: { id, host, devices, at, trials, last },
  onOpen,
}: { readonly worker: SweepWorker } & Pick<WorkersProps, 'onOpen'>) {
  return (
    <tr>
      <th scope="row">{plain(id)}</th>
      <td>{plain(host)}</td>
      <td>
        {devices.map((device, i) => (
          <span key={device.id}>
            {i > 0 && ', '}
            <Device device={device} />
          </span>
        ))}
      </td>
      <td>
        {at.length === 0 && <span class="muted">nothing of this sweep</span>}
        {at.map(({ trial, seat, since }, i) => (
          <span key={`${trial} ${seat}`} title={`at seat ${seat} since ${instant(isoOf(since))}`}>
            {i > 0 && ', '}
            <button type="button" class="link" onClick={() => onOpen(trial)}>
              {`trial ${trial}`}
            </button>
          </span>
        ))}
      </td>
      <td>{number(trials)}</td>
      <td>{instant(isoOf(last))}</td>
    </tr>
  )
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
