import type { FitRequest } from '../execution/index.js'
import type { FitPlan } from '../training/index.js'
import type { SentCheckpoint } from './protocol.js'
import type { Transport } from './transport.js'

export async function carryOver(_p: FitPlan, _r: FitRequest, _t: Transport): Promise<SentCheckpoint | null> {
  return null
}
export async function carryBack(
  _c: SentCheckpoint,
  _p: FitPlan,
  _r: FitRequest,
  _t: Transport,
): Promise<void> {}
export async function carryTo(_folder: string, _t: Transport): Promise<SentCheckpoint | null> {
  return null
}
export async function installCarried(
  _c: SentCheckpoint,
  _p: FitPlan,
  _r: FitRequest,
  _g: (d: string) => Promise<Uint8Array | null>,
): Promise<void> {}
export function workerCheckpoints(plan: FitPlan, _folder: string): FitPlan {
  return plan
}
