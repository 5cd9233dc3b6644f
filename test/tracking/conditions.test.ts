/** What a record says of seats, devices, memory and workers is vouched for when it is read, or refused with its place. */
import { describe, expect, it } from 'vitest'
import { sessionConditions, trialConditions } from '../../src/tracking/conditions.js'
import type { JsonValue } from '../../src/values.js'

const gpu = { id: '0', kind: 'cuda', name: 'A100', memoryMB: 40960, driver: '550', uuid: null }
const fits = { seats: [0, 1], from: [0, 2], to: [3, 4] }
const worker = { id: 'aaaa', host: 'west' }

describe('conditions of a trial', () => {
  it.each<[string, Record<string, JsonValue>]>([
    ['fits', fits],
    ['devices', { ...fits, devices: [['0'], []] }],
    ['memory', { ...fits, peakDeviceMemoryMB: [700, null] }],
    ['workers', { ...fits, workers: [worker, null] }],
    ['workers with devices', { ...fits, workers: [{ ...worker, devices: [gpu] }, worker] }],
  ])('are read with %s', (_, recorded) => {
    expect(trialConditions({ fits: recorded }, 'ab-1')).toEqual({ fits: recorded })
  })

  it.each<[string, JsonValue]>([
    ['no object', [0, 1]],
    ['without seats', { from: [0], to: [1] }],
    ['a seat that is a text', { ...fits, seats: [0, '1'] }],
    ['lists of other lengths', { ...fits, to: [3] }],
    ['devices of fewer fits', { ...fits, devices: [['0']] }],
    ['devices that are numbers', { ...fits, devices: [[0], [1]] }],
    ['memory in words', { ...fits, peakDeviceMemoryMB: ['700', null] }],
    ['memory of more fits', { ...fits, peakDeviceMemoryMB: [1, 2, 3] }],
    ['a worker without a host', { ...fits, workers: [{ id: 'aaaa' }, null] }],
    [
      'a worker with a device that is none',
      { ...fits, workers: [{ ...worker, devices: [{ id: '0' }] }, null] },
    ],
    ['workers that are no list', { ...fits, workers: worker }],
  ])('are refused with fits of %s', (_, recorded) => {
    expect(() => trialConditions({ fits: recorded }, 'ab-1')).toThrow(
      expect.objectContaining({
        code: 'STORE_CORRUPT',
        message: expect.stringMatching(/^"fits" among the conditions .*in run ab-1.*runs delete ab-1$/),
      }),
    )
  })
})

describe('conditions of a session', () => {
  it('are read with devices', () => {
    const recorded = {
      devices: [gpu, { ...gpu, name: null, memoryMB: null, driver: null }],
      devicesPerFit: 0.5,
    }
    expect(sessionConditions(recorded, 'ab')).toEqual(recorded)
  })

  it.each<[string, Record<string, JsonValue>]>([
    ['devices', { devices: gpu }],
    ['devices', { devices: [{ ...gpu, memoryMB: '40 GB' }] }],
    ['devices', { devices: [{ id: '0', kind: 'cuda' }] }],
    ['devicesPerFit', { devicesPerFit: '1' }],
  ])('are refused with other %s', (name, recorded) => {
    expect(() => sessionConditions(recorded, 'ab')).toThrow(
      expect.objectContaining({ code: 'STORE_CORRUPT', message: expect.stringContaining(`"${name}"`) }),
    )
  })
})
