/** One line of what mattered, for the end of a sweep: shares alone, worked out in a moment. */
import type { SweepResult } from '../../launch/index.js'
import * as format from '../format.js'
import { plain } from '../output.js'
import { isSweep, openStoreOf } from './common.js'

/** Reading more trials takes more than some seconds: the command is named that tells it. */
const mostTrials = 50_000
/** Parameters that are named, and the share that those named have together before the rest goes unsaid. */
const most = { named: 3, share: 0.95 }

/** `k 62 %, weights 30 %, scaling 5 %`; null where the record cannot tell, or cannot be read: nothing hangs on it. */
export async function importanceLine({ run, store, trials }: SweepResult): Promise<string | null> {
  if (trials.finished > mostTrials) return `espalier importance ${run.slice(0, 8)} tells it`
  try {
    const from = await openStoreOf({ store })
    const sweep = await from.run(run)
    if (!isSweep(sweep)) return null
    const { sharesOf } = await import('../../analysis/index.js')
    const shares = sharesOf(sweep, await from.trials(run))
    return shares === null ? null : inWords(shares)
  } catch {
    return null
  }
}

type Shares = readonly { readonly name: string; readonly importance: number }[]

function inWords(shares: Shares): string {
  const named: string[] = []
  let told = 0
  for (const { name, importance } of shares) {
    if (named.length === most.named || told >= most.share) break
    named.push(`${plain(name)} ${format.percent(importance)}`)
    told += importance
  }
  return `${named.join(', ')}${named.length < shares.length ? ', …' : ''}`
}
