/** What to type in a terminal to go on with a sweep or a trial. */
import { isImported } from '../../../origin.js'
import type { JsonObject } from '../../../values.js'
import type { PageFacts, SweepEntry } from '../../data/index.js'
import { Command } from './copy.js'

interface SweepCommandsProps {
  readonly entry: SweepEntry
  readonly spec: JsonObject
  readonly facts: PageFacts
}

export function SweepCommands({ entry, spec, facts: { called, storeArgument } }: SweepCommandsProps) {
  const id = entry.id.slice(0, 8)
  const command = (words: string) => `${called} ${words}${storeArgument}`
  const { best, status } = entry
  const model = isImported(spec) ? null : best
  return (
    <details class="commands" open={status === 'interrupted'}>
      <summary>Commands</summary>
      {status === 'interrupted' && <Command label="go on" text={command(`resume ${id}`)} />}
      {best !== null && <Command label="the best" text={command(`best --sweep ${id}`)} />}
      {model !== null && (
        <Command label="predict" text={command(`predict ${model.run.slice(0, 8)} --data FILE.csv`)} />
      )}
      {model !== null && <Command label="train again" text={command(`reproduce ${model.run.slice(0, 8)}`)} />}
      {best !== null && model === null && (
        <Command label="start from it" text={command(`sweep FILE.json --warm-start ${id}`)} />
      )}
      <Command label="in words" text={command(`runs show ${id}`)} />
    </details>
  )
}
