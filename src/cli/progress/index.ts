/** The display of a running sweep: a bar on a terminal, plain lines elsewhere, nothing where it is not wanted. */
import type { LaunchHooks } from '../../launch/index.js'
import { untilStopped } from '../interrupt.js'
import { isTerminal, reasonLine, say, wantsWords } from '../output.js'
import type { Progress } from './types.js'

async function startProgress(quiet: boolean): Promise<Progress> {
  if (quiet) return warningsOnly
  // A terminal that does not say how large it is (some containers) has no room to redraw lines in.
  const { rows, columns } = process.stderr
  if (isTerminal(process.stderr) && rows > 0 && columns > 0 && !wantsWords())
    return (await import('./bar.js')).bar()
  return (await import('./lines.js')).lines(say)
}

const warningsOnly: Progress = {
  event(event) {
    if (event.type === 'warning') say(`warning: ${reasonLine(event.message)}`)
  },
  line: say,
  end() {},
}

/** Shows what a piece of work tells while it goes on, and lets Ctrl-C stop it. */
export async function withProgress<T>(quiet: boolean, work: (hooks: LaunchHooks) => Promise<T>): Promise<T> {
  const progress = await startProgress(quiet)
  try {
    return await untilStopped(
      (signals) => work({ ...signals, onEvent: (event) => progress.event(event) }),
      // Said at once: the sweep itself notices only when the next trial is due.
      () => progress.event({ type: 'stopping', reason: 'interrupt' }),
      () => progress.line('the running trials are stopped'),
    )
  } finally {
    progress.end()
  }
}
