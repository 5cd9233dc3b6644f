/** The process ends when its work has, whatever a thread of it is stuck in. */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { untilStopped } from '../../src/cli/interrupt.js'
import { temporaryDirectory } from '../launch/support.js'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

it.skipIf(process.platform === 'win32')(
  'ends with its exit code where a trial waits for a process, and another for a pipe that nobody writes to',
  async () => {
    const directory = await temporaryDirectory()
    const nap = `sleep 51.${process.pid}`
    execFileSync('mkfifo', [join(directory, 'pipe')])
    writeFileSync(
      join(directory, 'stuck.mjs'),
      `import { execSync } from 'node:child_process'
       import { readFileSync } from 'node:fs'
       export default { name: 'stuck', objective: ({ on }) => {
         if (on === 'process') execSync('${nap}; true')
         if (on === 'pipe') readFileSync(${JSON.stringify(join(directory, 'pipe'))})
         return 1
       } }`,
    )
    const stuck = async (...values: string[]) => {
      const file = `${values.length}.json`
      writeFileSync(
        join(directory, file),
        JSON.stringify({
          trainer: './stuck.mjs',
          search: { algorithm: 'grid', parallel: 3 },
          parameters: { on: { type: 'categorical', values } },
        }),
      )
      const args = ['sweep', file, '--trial-timeout', '500ms', '--workers', '3', '--json', '--quiet']
      return new Promise<{ code: number; stdout: string }>((resolve) => {
        const child = execFile(process.execPath, [main, ...args], { cwd: directory }, (_, stdout) =>
          resolve({ code: child.exitCode ?? -1, stdout }),
        )
      })
    }
    const began = performance.now()
    const [well, badly] = await Promise.all([stuck('process', 'pipe', 'nothing'), stuck('process', 'pipe')])
    expect(JSON.parse(well.stdout)).toMatchObject({ status: 'finished', trials: { finished: 1, failed: 2 } })
    expect(JSON.parse(badly.stdout)).toMatchObject({ status: 'failed', trials: { finished: 0, failed: 2 } })
    expect([well.code, badly.code]).toEqual([0, 1])
    expect(performance.now() - began).toBeLessThan(25_000)
    // What the trial had started has ended with it.
    const left = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
    expect(left.split('\n')).not.toContain(nap)
  },
)

it.skipIf(process.platform === 'win32')('says what to do where no more files can be opened', async () => {
  const directory = await temporaryDirectory()
  writeFileSync(
    join(directory, 'program.json'),
    JSON.stringify({
      trainer: { command: ['true', '{x}'] },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    }),
  )
  const script = 'ulimit -n 32; exec "$0" "$@"'
  const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
    const args = ['-c', script, process.execPath, main, 'sweep', 'program.json']
    const child = execFile('sh', args, { cwd: directory }, (_error, _stdout, stderr) =>
      resolve({ code: child.exitCode, stderr }),
    )
  })
  expect(stderr).toMatch(
    /^error: a process needs as many open files as .*EMFILE.*; raise the limit \(ulimit -n 4096\)/,
  )
  expect([code, stderr.trim().split('\n').length]).toEqual([1, 1])
})

describe('Ctrl-C', () => {
  const killLimit = 5000
  const pressed = (times: number) => {
    for (let i = 0; i < times; i++) process.emit('SIGINT')
  }

  it('once lets running trials end, twice stops them with a limit, and thrice ends the process', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as typeof process.exit)
    const listeners = process.listenerCount('SIGINT')
    try {
      const seen: unknown[] = []
      const during = (times: number, later = 0) =>
        untilStopped(
          async ({ signal, killSignal }) => {
            pressed(times)
            vi.advanceTimersByTime(later)
            seen.push([times, signal.aborted, killSignal.aborted, ...exit.mock.calls.flat()])
          },
          () => seen.push('stop'),
          () => seen.push('kill'),
        )
      await during(0)
      await during(1, 10 * killLimit)
      await during(2, killLimit - 1)
      // The work came to its end: nothing ends the process afterwards.
      vi.advanceTimersByTime(10 * killLimit)
      await during(2, killLimit)
      exit.mockClear()
      await during(3)
      expect(seen).toEqual([
        [0, false, false],
        ...['stop', [1, true, false]],
        ...['stop', 'kill', [2, true, true]],
        ...['stop', 'kill', [2, true, true, 130]],
        ...['stop', 'kill', [3, true, true, 130]],
      ])
      expect(process.listenerCount('SIGINT')).toBe(listeners)
    } finally {
      exit.mockRestore()
      vi.useRealTimers()
    }
  })
})

/** A read-only disk of its own, where the system lets anybody mount one (Linux, mostly). */
const mounting = ['-rm', 'sh', '-c', 'mount -t tmpfs -o ro none "$0" && exec "$@"']
const mounts = spawnSync('unshare', [...mounting, tmpdir(), 'true']).status === 0

it.skipIf(!mounts)('says that a store would be on a read-only disk', async () => {
  const directory = await temporaryDirectory()
  const disk = join(directory, 'disk')
  mkdirSync(disk)
  writeFileSync(
    join(directory, 'one.json'),
    JSON.stringify({
      trainer: { command: ['true', '{x}'] },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    }),
  )
  const args = [disk, process.execPath, main, 'sweep', 'one.json', '--store', join(disk, 'deep', 'runs')]
  const { status, stderr } = spawnSync('unshare', [...mounting, ...args], {
    cwd: directory,
    encoding: 'utf8',
  })
  expect(stderr).toContain('the file system is read-only (EROFS)')
  expect(status).toBe(1)
})
