/** Where the fits of a trial run, or ran: seat, worker and machine, devices. */
import { plain } from '../../../shown.js'
import type { ChildRun, FitWorker, ParentRun, RecordedDevice } from '../../../tracking/index.js'
import { Device } from './device.js'
import { Scrolls } from './scrolls.js'

interface Place {
  /** In the order of the folds; null of a trial that is one fit. */
  readonly fit: number | null
  readonly seat: number
  readonly worker: FitWorker | null
  readonly devices: readonly Parameters<typeof Device>[0]['device'][]
  readonly peakMB: number | null
}

export function WhereItRan({ run, sweep }: { readonly run: ChildRun; readonly sweep: ParentRun }) {
  const places = placesOf(run, devicesAt(sweep, run.started))
  const isElsewhere = places.some(({ worker }) => worker !== null)
  const hasDevices = places.some(({ devices }) => devices.length > 0)
  if (!isElsewhere && !hasDevices) return null
  return (
    <section aria-labelledby="where-title">
      <h2 id="where-title">{run.ended === null ? 'Where it runs' : 'Where it ran'}</h2>
      <Scrolls label="Where its fits run">
        <table class="plain-table">
          <thead>
            <tr>
              {places.some(({ fit }) => fit !== null) && <th scope="col">fit</th>}
              <th scope="col">seat</th>
              {isElsewhere && <th scope="col">worker</th>}
              {isElsewhere && <th scope="col">machine</th>}
              {hasDevices && <th scope="col">device</th>}
              {hasDevices && <th scope="col">memory in use at most</th>}
            </tr>
          </thead>
          <tbody>
            {places.map(({ fit, seat, worker, devices, peakMB }, i) => (
              <tr key={String(i)}>
                {places.some((place) => place.fit !== null) && <td>{fit === null ? '' : fit + 1}</td>}
                <td>{seat}</td>
                {isElsewhere && <td>{worker === null ? '' : plain(worker.id)}</td>}
                {isElsewhere && <td>{worker === null ? '' : plain(worker.host)}</td>}
                {hasDevices && (
                  <td>
                    {devices.map((device, at) => (
                      <span key={device.id}>
                        {at > 0 && ', '}
                        <Device device={device} peakMB={peakMB} />
                      </span>
                    ))}
                  </td>
                )}
                {hasDevices && <td>{peakMB === null ? '' : `${peakMB} MB`}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
    </section>
  )
}

function placesOf(run: ChildRun, known: ReadonlyMap<string, RecordedDevice>): Place[] {
  if ('seats' in run)
    return run.seats.map((seat, i) => {
      const worker = run.workers?.[i] ?? null
      return { fit: null, seat, worker, devices: worker?.devices ?? [], peakMB: null }
    })
  const { fits } = run.conditions
  return (fits?.seats ?? []).map((seat, i) => {
    const worker = fits!.workers?.[i] ?? null
    const own = fits!.devices?.[i] ?? []
    return {
      fit: fits!.seats.length > 1 ? i : null,
      seat,
      worker,
      devices: worker?.devices ?? own.map((id) => known.get(id) ?? { id }),
      peakMB: fits!.peakDeviceMemoryMB?.[i] ?? null,
    }
  })
}

/** The devices of this machine in the session in which something began. */
function devicesAt({ sessions }: ParentRun, at: string): ReadonlyMap<string, RecordedDevice> {
  const session = sessions.findLast(({ started }) => Date.parse(started) <= Date.parse(at)) ?? sessions[0]
  return new Map((session?.conditions.devices ?? []).map((device) => [device.id, device]))
}
