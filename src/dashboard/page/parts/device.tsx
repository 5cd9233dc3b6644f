/** A device that fits had: its number and model, and on a closer look what else is known of it. */
import { plain } from '../../../shown.js'
import type { RecordedDevice } from '../../../tracking/index.js'

interface DeviceProps {
  readonly device: Pick<RecordedDevice, 'id'> & Partial<RecordedDevice>
  /** Megabytes in use on it at most, while the fits ran that are spoken of. */
  readonly peakMB?: number | null
}

export function Device({ device: { id, name = null, driver, memoryMB, uuid }, peakMB = null }: DeviceProps) {
  const more = [
    memoryMB ? `${memoryMB} MB` : '',
    driver ? `driver ${driver}` : '',
    uuid ?? '',
    peakMB === null ? '' : `at most ${peakMB} MB in use`,
  ].filter((part) => part !== '')
  return (
    <span class="device" title={more.length === 0 ? undefined : plain(more.join(', '))}>
      {plain(name === null ? id : `${id} ${name}`)}
    </span>
  )
}
