/**
 * Processes that carry a trial's folder in their environment, wherever they have gone: a program that left its process
 * group (`setsid`, a daemon) is found by it, where the system shows the environment of processes (Linux). One that
 * emptied its environment is not.
 */
import { readdir, readFile } from 'node:fs/promises'

/** The variable that a trial's folder stands in. */
export const markVariable = 'ESPALIER_DIRECTORY'

/** Looks again while there were some: a process may start another one while it is looked for. */
const mostRounds = 5

/** Ends (SIGKILL) all processes of a trial, found by its folder. */
export async function endMarked(scratch: string): Promise<void> {
  for (let round = 0; round < mostRounds; round++) {
    const found = await marked(scratch)
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }
    if (found.length === 0) return
  }
}

async function marked(scratch: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => [])
  const entry = Buffer.from(`${markVariable}=${scratch}\0`)
  const found: number[] = []
  for (const name of names) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    const environment = await readFile(`/proc/${name}/environ`).catch(() => null)
    if (environment?.includes(entry)) found.push(Number(name))
  }
  return found
}
