/** Programs as trainers, from the command line: when the sweep is stopped, nothing they started survives. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { writeExecutable } from '../executable.js'
import { main, makeFolder } from './run.js'

const folder = makeFolder()
afterAll(folder.remove)

/** A sweep of a program whose grandchildren write as long as they live, and do not listen to SIGTERM. */
function beating(name: string): { file: string; beats: () => number } {
  const script = `#!/bin/sh
trap "" TERM INT
sh -c 'trap "" TERM INT; while true; do echo x >> ${name}.beat; sleep 0.02; done' &
echo started
wait
`
  writeExecutable(join(folder.path, `${name}.sh`), script)
  const file = `${name}.json`
  writeFileSync(
    join(folder.path, file),
    JSON.stringify({
      name,
      trainer: { command: [`./${name}.sh`] },
      search: { algorithm: 'random', trials: 2, parallel: 2 },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    }),
  )
  const path = join(folder.path, `${name}.beat`)
  return { file, beats: () => (existsSync(path) ? readFileSync(path).length : 0) }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 500) throw new Error('it did not happen within 10 s')
    await delay(20)
  }
}

async function stillBeats(beats: () => number): Promise<boolean> {
  const before = beats()
  await delay(200)
  return beats() > before
}

describe('Ctrl-C and a program with a grace', () => {
  it('once lets it run to its end; twice asks it to end, and waits until it has saved', async () => {
    const script = `#!/bin/sh
trap 'echo asked >> graceful.asked; sleep 1; echo saved >> graceful.saved; exit 1' TERM
touch "graceful.$ESPALIER_TRIAL"
until [ -e graceful.go ]; do sleep 0.05; done
echo 'espalier: {"final": 1}'
`
    writeExecutable(join(folder.path, 'graceful.sh'), script)
    folder.write('graceful.json', {
      trainer: { command: ['./graceful.sh'], grace: 20 },
      search: { algorithm: 'random', trials: 1 },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    })
    const there = (name: string) => existsSync(join(folder.path, `graceful.${name}`))
    const args = ['sweep', 'graceful.json', '--store', 'graceful-runs', '--workers', '1']
    const twice = folder.start(args)
    await until(() => there('0'))
    twice.signal('SIGINT')
    await twice.saw('Ctrl-C')
    await delay(300)
    expect(there('asked')).toBe(false)
    twice.signal('SIGINT')
    expect((await twice.ended).code).toBe(130)
    // Not cut off in the middle.
    expect(readFileSync(join(folder.path, 'graceful.saved'), 'utf8')).toBe('saved\n')
    writeFileSync(join(folder.path, 'graceful.go'), '')
    const resumed = await folder.run('resume', '--store', 'graceful-runs')
    expect(resumed.code).toBe(0)
    expect(readFileSync(join(folder.path, 'graceful.asked'), 'utf8')).toBe('asked\n')
  })

  it('once: what runs comes to its end, and is on record', async () => {
    const script = `#!/bin/sh
trap 'echo asked >> once.asked; exit 1' TERM INT
touch "once.$ESPALIER_TRIAL"
until [ -e once.go ]; do sleep 0.05; done
echo 'espalier: {"final": 1}'
`
    writeExecutable(join(folder.path, 'once.sh'), script)
    folder.write('once.json', {
      trainer: { command: ['./once.sh'] },
      search: { algorithm: 'random', trials: 9, parallel: 1 },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    })
    const once = folder.start(['sweep', 'once.json', '--store', 'once-runs', '--workers', '1'])
    await until(() => existsSync(join(folder.path, 'once.0')))
    once.signal('SIGINT')
    await once.saw('Ctrl-C')
    writeFileSync(join(folder.path, 'once.go'), '')
    expect((await once.ended).code).toBe(130)
    expect(existsSync(join(folder.path, 'once.asked'))).toBe(false)
    const [sweep] = await folder.json('runs', 'list', '--json', '--store', 'once-runs')
    expect(sweep).toMatchObject({ status: 'interrupted' })
    expect(existsSync(join(folder.path, 'once.1'))).toBe(false)
  })
})

describe.concurrent('no process of a program survives', () => {
  it('the second Ctrl-C, which asks first', async () => {
    const { file, beats } = beating('twice')
    const sweep = folder.start(['sweep', file, '--workers', '2'])
    await until(() => beats() > 10)
    sweep.signal('SIGINT')
    await sweep.saw('Ctrl-C')
    sweep.signal('SIGINT')
    expect((await sweep.ended).code).toBe(130)
    expect(await stillBeats(beats)).toBe(false)
  })

  it('the third Ctrl-C, which waits for nobody, or the end of the terminal', async () => {
    for (const [name, signals] of [
      ['thrice', ['SIGINT', 'SIGINT', 'SIGINT']],
      ['hangup', ['SIGHUP']],
    ] as const) {
      const { file, beats } = beating(name)
      const sweep = folder.start(['sweep', file, '--workers', '2'])
      await until(() => beats() > 10)
      for (const signal of signals) {
        sweep.signal(signal)
        await delay(150)
      }
      await sweep.ended
      expect(await stillBeats(beats)).toBe(false)
    }
  })

  it('kill -9 of Espalier, not even one that left its process group, and no folder is left', async () => {
    const { file, beats } = beating('killed')
    // One of its group that nothing in its environment tells of.
    const bare = `env -i /bin/sh -c 'while true; do echo x >> bare.beat; sleep 0.02; done' &`
    const leaver = existsSync('/proc/self/environ')
      ? `setsid sh -c 'while true; do echo x >> left.beat; sleep 0.02; done' &`
      : ''
    const script = join(folder.path, 'killed.sh')
    writeFileSync(script, readFileSync(script, 'utf8').replace('echo started', `${bare}\n${leaver}`))
    const [left, alone] = ['left', 'bare'].map((name) => join(folder.path, `${name}.beat`))
    const temporary = join(folder.path, 'temporary')
    mkdirSync(temporary)
    const sweep = folder.start(['sweep', file, '--workers', '2'], { env: { TMPDIR: temporary } })
    await until(() => beats() > 10 && existsSync(alone) && (leaver === '' || existsSync(left)))
    sweep.signal('SIGKILL')
    await sweep.ended
    await until(() => readdirSync(temporary).length === 0)
    expect(await stillBeats(beats)).toBe(false)
    expect(await stillBeats(() => readFileSync(alone).length)).toBe(false)
    if (leaver !== '') expect(await stillBeats(() => readFileSync(left).length)).toBe(false)
  })

  it("a Ctrl-C in a script of one's own that says nothing about it", async () => {
    const { file, beats } = beating('script')
    const library = JSON.stringify(join(dirname(main), '../index.js'))
    writeFileSync(
      join(folder.path, 'script.mjs'),
      `import { sweep } from ${library}\nawait sweep('${file}', { store: 'script-runs' })`,
    )
    const script = spawn(process.execPath, ['script.mjs'], { cwd: folder.path, stdio: 'ignore' })
    const ended = once(script, 'exit')
    await until(() => beats() > 10)
    script.kill('SIGINT')
    expect(await ended).toEqual([null, 'SIGINT'])
    expect(await stillBeats(beats)).toBe(false)
  })

  it('a time limit', async () => {
    const { file, beats } = beating('late')
    const ended = await folder.start(['sweep', file, '--workers', '2', '--trial-timeout', '500ms']).ended
    expect(beats()).toBeGreaterThan(0)
    expect(await stillBeats(beats)).toBe(false)
    expect(ended.code).toBe(1)
    expect(ended.stderr + ended.stdout).toContain('TIME_LIMIT')
  })
})
