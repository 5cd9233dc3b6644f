/** The commands that serve the page, as a user runs them: what they print, how long they stay, and that nothing is left behind. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { foldersOfFile, irisKnn, main } from '../cli/run.js'

const newFolder = foldersOfFile()
const aLink = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}(#\/[\w/]+)?/

interface Started {
  readonly child: ReturnType<typeof spawn>
  said(): { stdout: string; stderr: string }
  /** The first link that it prints. */
  link(): Promise<string>
  ended(): Promise<number | null>
}

function start(folder: string, ...args: string[]): Started {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout!.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr!.on('data', (chunk) => {
    stderr += chunk
  })
  const closed = once(child, 'close')
  return {
    child,
    said: () => ({ stdout, stderr }),
    link: async () => {
      await expect.poll(() => stdout + stderr, { timeout: 20_000 }).toMatch(aLink)
      return aLink.exec(stdout + stderr)![0]
    },
    ended: async () => (await closed)[0],
  }
}

const answers = async (link: string) => (await fetch(link, { redirect: 'manual' })).status
const isGone = (link: string) =>
  expect.poll(() => answers(link).catch(() => 'gone'), { timeout: 10_000 }).toBe('gone')

test('dashboard prints its link, serves a store that is not there yet, and ends at Ctrl-C and SIGTERM with nothing left', async () => {
  const folder = newFolder()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const started = start(folder.path, 'dashboard', '--port', '0')
    const link = await started.link()
    expect(await answers(link)).toBe(303)
    started.child.kill(signal)
    expect(await started.ended()).toBe(0)
    await isGone(link)
    const { stdout, stderr } = started.said()
    expect(stdout).toBe(`${link}\n`)
    expect(stderr).toMatch(
      /there is no sweep in .* yet: the page shows the first one when it begins\nCtrl-C ends it\n/,
    )
  }
})

test('dashboard says what is wrong with a port that is taken, and that a host is open to others', async () => {
  const folder = newFolder()
  const first = start(folder.path, 'dashboard', '--port', '0', '--host', '0.0.0.0', '--read-only')
  await expect.poll(() => first.said().stderr, { timeout: 20_000 }).toContain('Ctrl-C ends it')
  expect(first.said().stderr).toContain('whoever reaches this machine and has the link sees the store')
  const [, port] = /:(\d+)\//.exec(first.said().stdout)!
  const second = await folder.run('dashboard', '--port', port, '--host', '0.0.0.0')
  expect(second.code).toBe(2)
  expect(second.stderr).toContain(
    'another program listens there; state another port, or 0 for any that is free',
  )
  first.child.kill('SIGINT')
  expect(await first.ended()).toBe(0)
})

test('sweep --dashboard prints the link before the first trial, and the page ends with the sweep', async () => {
  const folder = newFolder()
  const file = folder.write('sweep.json', irisKnn)
  const started = start(folder.path, 'sweep', file, '--dashboard')
  const link = await started.link()
  expect(await started.ended()).toBe(0)
  expect(started.said().stdout.split('\n')[0]).toBe(link)
  // Another one that begins in the same moment is not mistaken for it.
  const { id } = await folder.json('runs', 'show', 'latest')
  expect(link).toMatch(new RegExp(`#/begun/${id}$`))
  await isGone(link)
})

test('sweep --dashboard --json keeps its document one: the link goes to stderr, before any trial', async () => {
  const folder = newFolder()
  const file = folder.write('sweep.json', irisKnn)
  const { code, stdout, stderr } = await folder.run('sweep', file, '--dashboard', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ status: 'finished' })
  expect(stderr.search(aLink)).toBeGreaterThanOrEqual(0)
  expect(stderr.search(aLink)).toBeLessThan(stderr.indexOf('trial '))
  await isGone(aLink.exec(stderr)![0])
  // A sweep that is resumed has it too.
  const resumed = await folder.run('resume', 'latest', '--trials', '10', '--dashboard', '--json')
  expect(resumed.code).toBe(0)
  expect(aLink.exec(resumed.stderr)?.[1]).toBe(`#/sweeps/${JSON.parse(stdout).run}`)
})

test('no page outlives its sweep: killed, the page ends as well; interrupted, it ends with it', async () => {
  const folder = newFolder()
  const endless = { type: 'float', min: 1e-6, max: 1, scale: 'log' }
  const file = folder.write('sweep.json', {
    ...irisKnn,
    trainer: 'softmax-classifier',
    parameters: { l2: endless },
  })
  for (const [signal, code] of [
    ['SIGKILL', null],
    ['SIGINT', 130],
  ] as const) {
    const started = start(
      folder.path,
      'sweep',
      file,
      '--dashboard',
      '--trials',
      '100000',
      '--search',
      'sobol',
    )
    const link = await started.link()
    await expect.poll(() => started.said().stderr, { timeout: 20_000 }).toContain('the best so far')
    expect(await answers(link)).toBe(303)
    started.child.kill(signal)
    expect(await started.ended()).toBe(code)
    await isGone(link)
  }
})

/** A terminal for a command, whose keys are what is written to its input; its own exit code is that of the command. */
const terminal = `import os, pty, sys
status = pty.spawn(sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(status))`
const hasTerminals = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0

test.skipIf(!hasTerminals)(
  'on a terminal (by python3: skipped without) the page stays when the sweep has ended, until Ctrl-C',
  async () => {
    const folder = newFolder()
    folder.write('iris.json', { ...irisKnn, search: { trials: 4 } })
    const command = [process.execPath, main, 'sweep', 'iris.json', '--dashboard']
    const child = spawn('python3', ['-c', terminal, ...command], {
      cwd: folder.path,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    let shown = ''
    child.stdout.on('data', (chunk) => {
      shown += chunk
    })
    const closed = once(child, 'close')
    await expect.poll(() => shown, { timeout: 30_000 }).toMatch(/the page stays at http\S+ until Ctrl-C/)
    const link = aLink.exec(shown)![0]
    expect(await answers(link)).toBe(303)
    child.stdin.write('\u0003')
    expect((await closed)[0]).toBe(0)
    await isGone(link)
  },
)
