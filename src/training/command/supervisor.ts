/**
 * Programs end with the process that started them, however it ends: kill -9, memory running out, a crash.
 *
 * One shell for the whole process reads from a pipe whose other end only this process holds, and is told of every
 * process group that begins and ends. When the pipe closes, which the system sees to, the shell ends the groups that
 * are left, processes that carry a folder of this process in their environment (where /proc shows it), and the
 * folders. It is in a session of its own, has none of this process's environment, and costs a trial one write.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { markVariable } from './marked.js'

/** $1: what the names of all folders begin with. Numbers and this one path are all that reaches it. */
const script = `
trap '' HUP INT QUIT TERM
groups=
while read -r sign group; do
  case $sign in
    +) groups="$groups $group" ;;
    -) left=
       for one in $groups; do [ "$one" = "$group" ] || left="$left $one"; done
       groups=$left ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
for round in 1 2 3 4 5; do
  [ -e /proc/self/environ ] || break
  found=$(grep -lsF -- "${markVariable}=$1" /proc/[0-9]*/environ)
  [ -n "$found" ] || break
  for file in $found; do file=\${file#/proc/}; kill -s KILL "\${file%/environ}"; done
done
rm -rf -- "$1"*
`

let shell: ChildProcess | null = null
const groups = new Set<number>()

/** @param prefix what the names of all folders of this process begin with. */
export function supervise(group: number, prefix: string): void {
  if (process.platform === 'win32') return
  groups.add(group)
  if (shell === null) start(prefix)
  else tell(`+ ${group}\n`)
}

export function release(group: number): void {
  if (groups.delete(group)) tell(`- ${group}\n`)
}

function start(prefix: string): void {
  const child = spawn('/bin/sh', ['-c', script, 'espalier-supervisor', prefix], {
    cwd: '/',
    detached: true,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell = child
  const lost = () => {
    if (shell === child) shell = null
  }
  // Without it programs end with this process as long as that is asked to end.
  child.on('error', lost)
  child.on('exit', lost)
  child.unref()
  // Where no more files can be opened there is no pipe, and the error is on its way.
  if (!child.stdin) return
  child.stdin.on('error', lost)
  // A pipe of a child is a socket, which can be let go of by the loop.
  ;(child.stdin as unknown as { unref(): void }).unref()
  for (const group of groups) tell(`+ ${group}\n`)
}

function tell(line: string): void {
  shell?.stdin?.write(line)
}
