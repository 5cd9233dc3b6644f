/** The workers on other machines that do the fits of a sweep: who, where, with what, at what, and what they have done. */
import { useEffect, useState } from 'preact/hooks'
import { clock, instant, number } from '../../../format.js'
import { plain } from '../../../shown.js'
import type { SweepHead, SweepWorker } from '../../data/index.js'
import { ColumnTitles } from './column-titles.js'
import { Device } from './device.js'
import { Scrolls } from './scrolls.js'
import { Mark } from './status.js'

interface WorkersProps {
  readonly head: SweepHead
  readonly onOpen: (trial: number) => void
}

export function Workers({ head: { workers, entry }, onOpen }: WorkersProps) {
  const runs = entry.status === 'running'
  const now = useNow(runs && workers.some(({ at }) => at.length > 0))
  if (workers.length === 0) return null
  const gone = workers.filter(({ missed }) => missed !== null).length
  const hasDevices = workers.some(({ devices }) => devices.length > 0)
  const titles = [
    ...['worker', 'machine'],
    ...(hasDevices ? ['devices'] : []),
    ...(runs ? ['at'] : []),
    ...['trials done', 'last began or ended a fit'],
  ]
  return (
    <section class="block workers" aria-labelledby="workers-title">
      <details open={runs}>
        <summary>
          <span id="workers-title">Workers</span>{' '}
          <span class="muted">{`${number(workers.length)}${gone > 0 ? `, ${number(gone)} gone` : ''}`}</span>
        </summary>
        <Scrolls label="Table of workers">
          <table class="plain-table">
            <ColumnTitles titles={titles} />
            <tbody>
              {workers.map((worker) => (
                <tr key={worker.id}>
                  <th scope="row">{plain(worker.id)}</th>
                  <td>{plain(worker.host)}</td>
                  {hasDevices && (
                    <td>
                      {worker.devices.map((device) => (
                        <div key={device.id}>
                          <Device device={device} />
                        </div>
                      ))}
                    </td>
                  )}
                  {runs && (
                    <td>
                      <At worker={worker} now={now} onOpen={onOpen} />
                    </td>
                  )}
                  <td>{number(worker.trials)}</td>
                  <td>
                    <Last worker={worker} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      </details>
    </section>
  )
}

interface AtProps {
  readonly worker: SweepWorker
  readonly now: number
  readonly onOpen: (trial: number) => void
}

function At({ worker: { at, missed }, now, onOpen }: AtProps) {
  if (at.length === 0)
    return missed === null ? <span class="muted">nothing of this sweep</span> : <Mark as="failed">gone</Mark>
  return (
    <>
      {at.map(({ trial, seat, since }) => (
        <div key={`${trial} ${seat}`} class="at" title={`at seat ${seat} since ${instant(isoOf(since))}`}>
          <button type="button" class="link" onClick={() => onOpen(trial)}>
            {`trial ${trial}`}
          </button>{' '}
          <span class="muted">{`for ${clock(Math.max(0, now - since) / 1000)}`}</span>
        </div>
      ))}
    </>
  )
}

function Last({ worker: { last, missed } }: { readonly worker: SweepWorker }) {
  return (
    <>
      {last !== null && <div>{instant(isoOf(last))}</div>}
      {missed !== null && <div>{`missed at ${instant(isoOf(missed))}`}</div>}
    </>
  )
}

/** ms since 1970, by the second while it `runs`. */
function useNow(runs: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!runs) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [runs])
  return now
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
