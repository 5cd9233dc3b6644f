/** The process ends when its work has, whatever a thread of it is stuck in. */
import { execFile, execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../launch/support.js'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

it.skipIf(process.platform === 'win32')(
  'ends with its exit code where a trial waits for a process, and another for a pipe that nobody writes to',
  async () => {
    const directory = await temporaryDirectory()
    execFileSync('mkfifo', [join(directory, 'pipe')])
    writeFileSync(
      join(directory, 'stuck.mjs'),
      `import { execSync } from 'node:child_process'
       import { readFileSync } from 'node:fs'
       export default { name: 'stuck', objective: ({ on }) => {
         if (on === 'process') execSync('sleep 51; true')
         if (on === 'pipe') readFileSync(${JSON.stringify(join(directory, 'pipe'))})
         return 1
       } }`,
    )
    writeFileSync(
      join(directory, 'stuck.json'),
      JSON.stringify({
        trainer: './stuck.mjs',
        search: { algorithm: 'grid', parallel: 3 },
        parameters: { on: { type: 'categorical', values: ['process', 'pipe', 'nothing'] } },
      }),
    )
    const began = performance.now()
    const args = ['sweep', 'stuck.json', '--trial-timeout', '500ms', '--workers', '3', '--json', '--quiet']
    const { code, stdout } = await new Promise<{ code: number; stdout: string }>((resolve) => {
      const child = execFile(process.execPath, [main, ...args], { cwd: directory }, (_, stdout) =>
        resolve({ code: child.exitCode ?? -1, stdout }),
      )
    })
    expect(JSON.parse(stdout)).toMatchObject({ status: 'finished', trials: { finished: 1, failed: 2 } })
    expect(code).toBe(0)
    expect(performance.now() - began).toBeLessThan(25_000)
    // What the trial had started has ended with it.
    const left = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
    expect(left).not.toMatch(/^sleep 51$/m)
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
