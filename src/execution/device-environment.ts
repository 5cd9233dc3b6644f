/** What programs and libraries find the devices of a seat by: variables of the environment. */
import type { Environment } from './device-tools.js'
import type { Device } from './types.js'

/**
 * The variables that show these devices and no others.
 * @param environment what the fit has otherwise.
 */
export function deviceEnvironment(
  devices: readonly Device[],
  environment: Environment,
): Readonly<Record<string, string>> {
  if (devices.length === 0) return {}
  const [{ kind }] = devices
  if (kind === 'rocm') {
    const list = listOf(devices.map(({ id, visibleAs }) => visibleAs ?? id))
    // Where both are set they must say the same.
    const both = environment.CUDA_VISIBLE_DEVICES !== undefined
    return { HIP_VISIBLE_DEVICES: list, ...(both && { CUDA_VISIBLE_DEVICES: list }) }
  }
  if (kind === 'named') {
    const list = listOf(devices.map(({ id }) => id))
    return { CUDA_VISIBLE_DEVICES: list, HIP_VISIBLE_DEVICES: list, ZE_AFFINITY_MASK: list }
  }
  // CUDA counts by speed unless told otherwise, nvidia-smi by the bus.
  const { CUDA_DEVICE_ORDER: order } = environment
  const byNumber = devices.every(({ id }) => /^\d+$/.test(id)) && (order ?? 'PCI_BUS_ID') === 'PCI_BUS_ID'
  return {
    CUDA_VISIBLE_DEVICES: listOf(devices.map(({ id, uuid }) => (byNumber ? id : (uuid ?? id)))),
    ...(order === undefined && { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' }),
  }
}

function listOf(ids: readonly string[]): string {
  return ids.join(',')
}
