/** A program for tests of checkpoints: it counts on from its checkpoint, and writes each step it trains into a file outside. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Folder } from './run.js'

/**
 * Its sum is made of all steps, so that one that is left out or done twice gives another loss. It waits at a step for a
 * file of that name to be gone.
 */
const script = (steps: number) => `#!/bin/sh
state=$ESPALIER_CHECKPOINT/state
step=0 sum=$ESPALIER_PARAM_X
[ -f "$state" ] && read -r step sum < "$state"
while [ "$step" -lt ${steps} ]; do
  echo "$ESPALIER_TRIAL $step" >> trained.log
  while [ -e "wait-$ESPALIER_TRIAL-$step" ]; do : > "waits-$ESPALIER_TRIAL-$step"; sleep 0.05; done
  sum=$(( (sum * 31 + step + 7) % 10007 ))
  echo "step $step"
  echo "$step $sum" >> "$ESPALIER_DIRECTORY/curve.txt"
  [ "$step" = 0 ] && echo "{\\"artifact\\": \\"$ESPALIER_DIRECTORY/curve.txt\\", \\"name\\": \\"curve.txt\\"}" >> "$ESPALIER_REPORTS"
  step=$((step + 1))
  echo "$step $sum" > "$state.new" && mv "$state.new" "$state"
  echo "{\\"metric\\": {\\"loss\\": $sum}, \\"step\\": $((step - 1))}" >> "$ESPALIER_REPORTS"
  read -r answer
  case $answer in *stop*) exit ;; esac
done
echo "espalier: {\\"final\\": {\\"loss\\": $sum}}"
`

/** The sweep file of it, as JSON, in a folder with the program. */
export function countingSweep(
  write: (name: string, text: string) => void,
  { steps = 6, trials = 4, ...more }: { steps?: number; trials?: number } & Record<string, unknown> = {},
): object {
  write('train.sh', script(steps))
  return {
    name: 'counting',
    trainer: { command: ['sh', 'train.sh'] },
    objective: { metric: 'loss', direction: 'minimize' },
    search: { algorithm: 'random', trials, seed: 5 },
    parameters: { x: { type: 'int', min: 0, max: 1000 } },
    ...more,
  }
}

/** How often each step of each trial was trained: `trial step` by its number. */
export function trainedIn(folder: Pick<Folder, 'path'>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of readFileSync(join(folder.path, 'trained.log'), 'utf8').trim().split('\n'))
    counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}
