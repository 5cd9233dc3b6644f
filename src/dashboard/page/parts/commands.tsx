/** What to type in a terminal to go on with a sweep or a trial. */
import type { PageFacts, SweepEntry } from '../../data/index.js'
import { Command } from './copy.js'

interface SweepCommandsProps {
  readonly entry: SweepEntry
  readonly facts: PageFacts
}

export function SweepCommands({ entry, facts: { called, storeArgument } }: SweepCommandsProps) {
  const id = entry.id.slice(0, 8)
  const command = (words: string) => `${called} ${words}${storeArgument}`
  const { best, status } = entry
  return (
    <details class="commands" open={status === 'interrupted'}>
      <summary>Commands</summary>
      {status === 'interrupted' && <Command label="go on" text={command(`resume ${id}`)} />}
      {best !== null && <Command label="the best" text={command(`best --sweep ${id}`)} />}
      {best !== null && (
        <Command label="predict" text={command(`predict ${best.run.slice(0, 8)} --data FILE.csv`)} />
      )}
      {best !== null && <Command label="train again" text={command(`reproduce ${best.run.slice(0, 8)}`)} />}
      <Command label="in words" text={command(`runs show ${id}`)} />
    </details>
  )
}
