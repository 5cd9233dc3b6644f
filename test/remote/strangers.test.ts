/** What strangers may have written into a queue: names that lead elsewhere, sizes that nobody has. */
import type { Queue } from 'bullmq'
import { expect, it } from 'vitest'
import type { Backing } from '../../src/remote/bull/backing.js'
import { Contents } from '../../src/remote/bull/content.js'
import { type FitOffer, Letters } from '../../src/remote/protocol.js'

const letters = new Letters(null)
const request = { trial: 0, part: { kind: 'fold', fold: 0 } }
const offer = {
  protocol: 1,
  espalier: '1',
  session: '0f',
  fit: 's0f-t0-f0-a0-d0',
  parcel: '0',
  request,
  checkpoint: null,
}

it.each([
  { kind: 'fold', fold: 3 },
  { kind: 'whole' },
  { kind: 'final' },
  { kind: 'holdout' },
  { kind: 'baseline', fold: 1, answer: 2 },
])('takes an offer of %j', (part) => {
  const given = { ...offer, request: { trial: 7, part } }
  expect(letters.readOffer(letters.offer(given as unknown as FitOffer))).toEqual(given)
})

it.each([
  { ...offer, session: '../x' },
  { ...offer, request: { ...request, trial: '../../x' } },
  { ...offer, request: { ...request, part: { kind: '../x' } } },
  { ...offer, request: { ...request, part: { kind: 'fold', fold: '/../../x' } } },
  { ...offer, request: { ...request, part: { kind: 'baseline', fold: 0, answer: '/../x' } } },
  { ...offer, request: {} },
])('refuses an offer whose folders would lie elsewhere: %j', (given) => {
  const text = letters.offer(given as unknown as FitOffer)
  expect(() => letters.readOffer(text)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
})

it.each([
  ['names more bytes than there is memory for', { t: [String(Number.MAX_SAFE_INTEGER)] }, { t: ['AA=='] }],
  ['has a piece without a text', { t: ['1'] }, { t: [] }],
])('content whose head %s is damaged', async (_, head, piece) => {
  const jobs = new Map<string, unknown>([
    ['c-0', { data: head }],
    ['c-0-0', { data: piece }],
  ])
  const queue = { getJob: async (id: string) => jobs.get(id) } as unknown as Queue
  const backing = { name: 'q', queue: () => queue, patiently: (act: () => unknown) => act() }
  const contents = new Contents(backing as unknown as Backing)
  await expect(contents.get('0')).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
})
