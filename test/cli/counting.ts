/** A program for tests of checkpoints: it counts on from its checkpoint, and writes each step it trains into a file outside. */
import { existsSync, readFileSync } from 'node:fs'
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
  echo "$ESPALIER_TRIAL $step \${SESSION:-0}" >> trained.log
  while [ -e "wait-$ESPALIER_TRIAL-$step" ]; do : > "waits-$ESPALIER_TRIAL-$step"; sleep 0.05; done
  sum=$(( (sum * 31 + step + 7) % 10007 ))
  echo "step $step"
  echo "$step $sum" >> "$ESPALIER_DIRECTORY/curve.txt"
  [ "$step" = 0 ] && echo "{\\"artifact\\": \\"$ESPALIER_DIRECTORY/curve.txt\\", \\"name\\": \\"curve.txt\\"}" >> "$ESPALIER_REPORTS"
  step=$((step + 1))
  echo "$step $sum" > "$state.new" && mv "$state.new" "$state"
  echo "{\\"metric\\": {\\"loss\\": $sum}, \\"step\\": $((step - 1))}" >> "$ESPALIER_REPORTS"
  read -r answer || exit 1
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

/** A step that was trained, and in which session: what the variable SESSION said then. */
export interface Trained {
  readonly trial: number
  readonly step: number
  readonly session: number
}

/** In the order of training. */
export function trainedSteps(path: string): Trained[] {
  const file = join(path, 'trained.log')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [trial, step, session] = line.split(' ').map(Number)
      return { trial, step, session }
    })
}

/** How often each step of each trial was trained: `trial step` by its number. */
export function trainedIn({ path }: Pick<Folder, 'path'>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { trial, step } of trainedSteps(path))
    counts.set(`${trial} ${step}`, (counts.get(`${trial} ${step}`) ?? 0) + 1)
  return counts
}
