/** Which process is meant, and whether it still lives: for locks and folders that name their holder. Open to all rooms. */
import { readFileSync, readlinkSync } from 'node:fs'

export interface ProcessName {
  readonly pid: number
  /** What tells processes of the same number apart, where the system says (Linux): start time in clock ticks. */
  readonly born: string | null
}

export function thisProcess(): ProcessName {
  return { pid: process.pid, born: processStat('self')?.born ?? null }
}

/** Whether a process of this machine and this space of numbers lives; where the system says too little, it does. */
export function isAlive({ pid, born }: ProcessName): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, but another user's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const found = processStat(pid)
  if (found === null) return true
  if (found.state === 'Z' || found.state === 'X') return false
  return born === null || born === found.born
}

/** A process's state (`Z`: ended, but not yet cleared away) and when it began; null where the system does not say. */
function processStat(pid: number | 'self'): { state: string; born: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0], born: fields[19] }
  } catch {
    return null
  }
}

let space: string | null | undefined

/** The space in which numbers of processes mean something (Linux; containers have their own). */
export function processSpace(): string | null {
  if (space === undefined) {
    try {
      space = readlinkSync('/proc/self/ns/pid')
    } catch {
      space = null
    }
  }
  return space
}

/** Programs of this process that run now, with the ms that each may take to end when it is asked to. */
const graces = new Map<object, number>()

/** A program runs; `grace` in ms. */
export function programBegins(program: object, grace: number): void {
  graces.set(program, grace)
}

export function programEnded(program: object): void {
  graces.delete(program)
}

/** ms that programs which run now may take to end when they are asked to: the longest of their graces. */
export function longestGrace(): number {
  return Math.max(0, ...graces.values())
}
