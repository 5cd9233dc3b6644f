/**
 * When processes are really gone: one that was ended goes on for as long as the system needs to take back what it holds, which
 * is long where that is the memory of a GPU. One of which only its entry is left (a zombie) holds nothing.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** ms between two looks: short at first, as almost every process goes at once. */
const shortest = 5
const longest = 500

/** Resolves when no process of this group is left, however long that takes. Keeps no process alive. */
export async function whenGroupGone(group: number): Promise<void> {
  await until(() => !answers(-group) || (canLook && !readdirSync('/proc').some((pid) => isOf(group, pid))))
}

/** The same of one process. */
export async function whenProcessGone(pid: number): Promise<void> {
  await until(() => !answers(pid) || (canLook && isOver(stateOf(String(pid)))))
}

async function until(gone: () => boolean): Promise<void> {
  for (let pause = shortest; !gone(); pause = Math.min(longest, 2 * pause))
    await delay(pause, undefined, { ref: false })
}

const canLook = process.platform === 'linux'

/** Whether there is anybody of this number, or in this group where it is negative. */
function answers(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function isOf(group: number, pid: string): boolean {
  if (!/^\d+$/.test(pid)) return false
  const state = stateOf(pid)
  return !isOver(state) && state?.group === group
}

function isOver(state: ProcessState | null): boolean {
  return state === null || state.letter === 'Z' || state.letter === 'X'
}

interface ProcessState {
  readonly letter: string
  readonly group: number
}

/** From `PID (NAME) STATE PARENT GROUP …`; null where it is gone. */
function stateOf(pid: string): ProcessState | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name may hold anything, brackets too.
    const [letter, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { letter, group: Number(group) }
  } catch {
    return null
  }
}
