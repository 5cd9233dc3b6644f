/** Checkpoints from the command line: sweeps killed at a step go on there, and what stays of them is shown. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/index.js'
import { essenceOf } from '../crash/driver.js'
import { countingSweep, trainedIn } from './counting.js'
import { type Folder, foldersOfFile, main } from './run.js'

const makeFolder = foldersOfFile()

/** A folder with the sweep in it; `runs` is its store. */
function counting(more: Parameters<typeof countingSweep>[1] = {}) {
  const folder = makeFolder()
  const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text)
  folder.write('sweep.json', countingSweep(write, more))
  return {
    folder,
    runs: join(folder.path, 'runs'),
    path: (name: string) => join(folder.path, name),
    wait: (trial: number, step: number) => write(`wait-${trial}-${step}`, ''),
    sweep: (...args: string[]) =>
      folder.run('sweep', 'sweep.json', '--store', 'runs', '--workers', '1', ...args),
    resume: (...args: string[]) => folder.run('resume', '--store', 'runs', '--workers', '1', ...args),
  }
}

type Counting = ReturnType<typeof counting>

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 1500) throw new Error('it did not happen within 30 s')
    await delay(20)
  }
}

/** Starts it in a process group of its own, and kills that when a trial waits at a step. */
async function killedAt({ folder, path, wait }: Counting, args: string[], trial: number, step: number) {
  wait(trial, step)
  const child: ChildProcess = spawn(process.execPath, [main, ...args, '--store', 'runs', '--workers', '1'], {
    cwd: folder.path,
    detached: true,
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  await until(() => existsSync(path(`waits-${trial}-${step}`)) || child.exitCode !== null)
  expect(child.exitCode).toBeNull()
  process.kill(-child.pid!, 'SIGKILL')
  await ended
  rmSync(path(`wait-${trial}-${step}`))
}

async function essence({ folder, runs }: { folder: Folder; runs: string }) {
  const [sweep] = await (await openStore(runs)).sweeps()
  expect(folder.path).toBeTruthy()
  return essenceOf(runs, sweep.id)
}

const trialsOf = async (runs: string) => {
  const store = await openStore(runs)
  return store.trials((await store.sweeps())[0].id)
}

const checkpointsIn = async (runs: string) => {
  const store = await openStore(runs)
  const folder = store.checkpointsOf((await store.sweeps())[0].id)
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
}

describe('a sweep whose process group is killed', () => {
  it('goes on at the step it was killed in: no other is trained again, and all is as if nothing had happened', async () => {
    const whole = counting()
    expect(await whole.sweep()).toMatchObject({ code: 0 })
    const once = trainedIn(whole.folder)
    expect([...once.values()]).toEqual(Array(24).fill(1))

    const killed = counting()
    await killedAt(killed, ['sweep', 'sweep.json'], 1, 3)
    await killedAt(killed, ['resume'], 1, 5)
    await killedAt(killed, ['resume'], 2, 0)
    await killedAt(killed, ['resume'], 3, 1)
    expect(await killed.resume()).toMatchObject({ code: 0 })
    // The step that a kill cut off is trained again, and no other.
    const again = [...trainedIn(killed.folder)].filter(([, count]) => count > 1)
    expect(again).toEqual(['1 3', '1 5', '2 0', '3 1'].map((step) => [step, 2]))
    expect(trainedIn(killed.folder).size).toBe(24)
    // Steps, values, output and artifacts.
    expect(await essence(killed)).toEqual(await essence(whole))
    const trials = await trialsOf(killed.runs)
    const wentOn = trials.map(({ conditions }) => conditions.continued?.map(({ step }) => step) ?? [])
    expect(wentOn[0]).toEqual([])
    // A kill may come between the last step of a trial and the record of its end.
    expect(wentOn[1].slice(0, 2)).toEqual([2, 4])
    expect(wentOn[3]).toEqual([0])
    expect(await checkpointsIn(killed.runs)).toEqual([])
    const shown = await killed.folder.run('runs', 'show', trials[1].id, '--store', 'runs')
    expect(shown.stdout).toMatch(/went on +from step 4 after an interruption \(attempt 2\)/)
  }, 120_000)

  it('trains a trial from the start where its checkpoint is damaged, says so, and comes to the same', async () => {
    const whole = counting({ trials: 2 })
    await whole.sweep()
    const killed = counting({ trials: 2 })
    await killedAt(killed, ['sweep', 'sweep.json'], 1, 4)
    const store = await openStore(killed.runs)
    const folder = store.checkpointsOf((await store.sweeps())[0].id)
    const manifest = (await checkpointsIn(killed.runs)).find((name) => name.endsWith('manifest.json'))!
    truncateSync(join(folder, manifest), 40)
    const { code, stderr, stdout } = await killed.resume()
    expect(code).toBe(0)
    expect(stderr + stdout).toMatch(/trial 1.*a checkpoint is read as it was written/s)
    const { models, trials, best } = await essence(killed)
    expect({ models, trials, best }).toEqual(await essence(whole))
    const [, trial] = await trialsOf(killed.runs)
    expect(trial.conditions.continued).toBeUndefined()
    expect(trial.tags['espalier.leftOut']).toContain('its fit starts anew')
  }, 120_000)
})

describe('an attempt that goes on from a checkpoint and comes to none that is newer', () => {
  /** As the counting one, but for what its first lines do. */
  function failing(first: string, at = '', more: Parameters<typeof countingSweep>[1] = {}) {
    const made = counting({ trials: 2, ...more })
    const script = readFileSync(made.path('train.sh'), 'utf8')
      .replace('step=0 sum', `[ -f "$state" ] && echo x >> went-on-$ESPALIER_TRIAL\n${first}\nstep=0 sum`)
      .replace('  sum=$((', `  ${at}\n  sum=$((`)
    writeFileSync(made.path('train.sh'), script)
    return made
  }

  it('counts as no failure: the next one starts from the beginning, and the record says so', async () => {
    const bad = '[ -f "$state" ] && { echo "bad state" >&2; exit 4; }'
    const whole = failing(bad)
    expect(await whole.sweep()).toMatchObject({ code: 0 })
    const killed = failing(bad)
    await killedAt(killed, ['sweep', 'sweep.json'], 1, 3)
    const { code, stderr } = await killed.resume()
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/attempt 1 went on from that and came to none; PROGRAM_FAILED/),
    })
    expect(await essence(killed)).toEqual(await essence(whole))
    const [, trial] = await trialsOf(killed.runs)
    expect(trial.attempts).toMatchObject([
      { attempt: 0, error: null },
      { attempt: 1, error: null, inVain: { code: 'PROGRAM_FAILED' } },
    ])
    expect(trial.conditions.continued).toBeUndefined()
    expect(trial.tags['espalier.leftOut']).toContain('starts from the beginning')
    const { stdout } = await killed.folder.run('runs', 'show', trial.id, '--store', 'runs')
    expect(stdout).toMatch(/attempt 1 +.*came no further than its checkpoint.*bad state/)
  }, 120_000)

  it('changes nothing for a program that fails by itself, interrupted or not, with retries', async () => {
    const fails = '[ "$step" = 3 ] && { echo "no step 3" >&2; exit 5; }'
    const whole = failing('', fails)
    expect(await whole.sweep('--retries', '1')).toMatchObject({ code: 1 })
    const killed = failing('', fails)
    await killedAt(killed, ['sweep', 'sweep.json', '--retries', '1'], 1, 2)
    expect(await killed.resume()).toMatchObject({ code: 1 })
    expect(await essence(killed)).toEqual(await essence(whole))
    const [uninterrupted, interrupted] = await Promise.all([trialsOf(whole.runs), trialsOf(killed.runs)])
    // From the beginning twice: the failure in between, from the checkpoint, counts as none.
    expect(uninterrupted[1].attempts).toMatchObject([
      { error: { code: 'PROGRAM_FAILED' } },
      { error: null, inVain: {} },
    ])
    expect(interrupted[1].attempts.filter(({ error }) => error)).toHaveLength(1)
    expect(interrupted[1].history.loss.steps).toEqual([0, 1, 2])
  }, 120_000)

  it('goes on from the checkpoint after a failure, and from a newer one again', async () => {
    // Each attempt comes one step further.
    const fails =
      '[ "$step" -gt 0 ] && [ ! -f "$state.$step" ] && [ ! -f done-$ESPALIER_TRIAL-$step ] && { : > done-$ESPALIER_TRIAL-$step; exit 6; }'
    const made = failing('', fails, { trials: 1, steps: 4 })
    expect(await made.sweep('--retries', '3')).toMatchObject({ code: 0 })
    const [trial] = await trialsOf(made.runs)
    expect(trial.attempts.map(({ error }) => error?.code)).toEqual(Array(3).fill('PROGRAM_FAILED'))
    expect(trial.conditions.continued?.map(({ step }) => step)).toEqual([0, 1, 2])
    const { stdout } = await made.folder.run('runs', 'show', trial.id, '--store', 'runs')
    expect(stdout).toMatch(/went on +from step 1 after a failure \(attempt 2\)/)
  }, 60_000)
})

describe('a trial that has ended', () => {
  it('keeps its last checkpoint where it is asked to: shown, measured and cleared away', async () => {
    const made = counting({ trials: 2, keepCheckpoints: true })
    expect(await made.sweep()).toMatchObject({ code: 0 })
    const [trial] = await trialsOf(made.runs)
    const { stdout } = await made.folder.run('runs', 'show', trial.id, '--store', 'runs')
    const [, folder] = /\ncheckpoint\n {2}folder +\d+ B, (.*)\n/.exec(`${stdout}\n`)!
    expect(readdirSync(folder)).toEqual(['state'])
    const shown = await made.folder.json('runs', 'show', trial.id, '--store', 'runs')
    expect(shown.checkpoints).toEqual([{ part: 'whole', folder, bytes: expect.any(Number) }])
    const [size] = (await made.folder.json('store', 'size', '--store', 'runs')).sweeps
    expect(size.checkpoints).toBeGreaterThan(0)
    expect(size.bytes).toBeGreaterThanOrEqual(size.journal + size.artifacts + size.checkpoints)
    expect((await made.folder.run('store', 'size', '--store', 'runs')).stdout).toMatch(
      /artifacts +checkpoints/,
    )

    const prune = ['store', 'prune', '--checkpoints', '--store', 'runs']
    const would = await made.folder.run(...prune, '--dry-run')
    expect(would.stdout).toMatch(/would delete the checkpoints of sweep counting/)
    expect(existsSync(folder)).toBe(true)
    expect(await made.folder.json(...prune, '--yes')).toMatchObject({ bytes: size.checkpoints })
    expect(await checkpointsIn(made.runs)).toEqual([])
    expect((await trialsOf(made.runs)).map(({ status }) => status)).toEqual(['finished', 'finished'])
    expect(await made.folder.json(...prune, '--yes')).toMatchObject({ bytes: 0, deleted: [] })
    expect(await made.folder.run('store', 'check', '--store', 'runs')).toMatchObject({ code: 0 })
  }, 60_000)

  it('keeps none unless it is asked to, by the file or beside it', async () => {
    for (const [file, args, keeps] of [
      [{}, [], false],
      [{}, ['--keep-checkpoints'], true],
      [{ keepCheckpoints: true }, ['--no-keep-checkpoints'], false],
    ] as const) {
      const made = counting({ trials: 1, steps: 2, ...file })
      expect(await made.sweep(...args)).toMatchObject({ code: 0 })
      expect((await checkpointsIn(made.runs)).length > 0).toBe(keeps)
    }
  }, 60_000)

  it('keeps it in a session that is asked to, and its deletion takes it along', async () => {
    const made = counting({ trials: 3 })
    await killedAt(made, ['sweep', 'sweep.json'], 1, 3)
    expect(await made.resume('--keep-checkpoints')).toMatchObject({ code: 0 })
    const kept = async () =>
      (await checkpointsIn(made.runs)).filter((name) => /^ended.\d+$/.test(name)).sort()
    expect(await kept()).toEqual(['ended/1', 'ended/2'])
    const [, trial] = await trialsOf(made.runs)
    expect(await made.folder.run('runs', 'delete', trial.id, '--yes', '--store', 'runs')).toMatchObject({
      code: 0,
    })
    expect(await kept()).toEqual(['ended/2'])
  }, 60_000)

  it('has cleared it also where it failed or was pruned', async () => {
    const folder = makeFolder()
    const script = `echo x > "$ESPALIER_CHECKPOINT/state"
echo "espalier: {\\"metric\\": {\\"loss\\": $ESPALIER_TRIAL}, \\"step\\": 0}"
read -r answer
case $answer in *stop*) exit ;; esac
[ "$ESPALIER_TRIAL" = 1 ] && exit 3
echo "espalier: {\\"metric\\": {\\"loss\\": $ESPALIER_TRIAL}, \\"step\\": 1}"
read -r answer
echo 'espalier: {"final": {"loss": 0}}'`
    writeFileSync(join(folder.path, 'train.sh'), script)
    folder.write('sweep.json', {
      trainer: { command: ['sh', 'train.sh'] },
      objective: { metric: 'loss', direction: 'minimize' },
      search: {
        algorithm: 'random',
        trials: 4,
        parallel: 1,
        pruner: { name: 'median', minSteps: 1, minTrials: 1 },
      },
      parameters: { x: { type: 'int', min: 0, max: 1000 } },
    })
    expect(await folder.run('sweep', 'sweep.json', '--store', 'runs')).toMatchObject({ code: 0 })
    const runs = join(folder.path, 'runs')
    expect((await trialsOf(runs)).map(({ status }) => status)).toEqual([
      'finished',
      'failed',
      'pruned',
      'pruned',
    ])
    expect(await checkpointsIn(runs)).toEqual([])
  }, 60_000)
})

describe('an interrupted sweep', () => {
  it('keeps the checkpoints it goes on from when others are cleared away', async () => {
    const made = counting({ trials: 2 })
    await killedAt(made, ['sweep', 'sweep.json'], 0, 3)
    const prune = ['store', 'prune', '--checkpoints', '--yes', '--store', 'runs']
    expect(await made.folder.json(...prune)).toMatchObject({ deleted: [] })
    expect(await checkpointsIn(made.runs)).not.toEqual([])
    expect((await made.folder.json(...prune, '--status', 'interrupted')).deleted).toHaveLength(1)
    expect(await checkpointsIn(made.runs)).toEqual([])
    expect(await made.resume()).toMatchObject({ code: 0 })
    // Its trial began anew.
    expect(trainedIn(made.folder).get('0 0')).toBe(2)
  }, 60_000)

  it('whose trial is pruned by what it had reported before goes on to the same end', async () => {
    const prunes = {
      trials: 8,
      search: {
        algorithm: 'random',
        trials: 8,
        seed: 5,
        parallel: 1,
        pruner: { name: 'median', minSteps: 2, minTrials: 2 },
      },
    }
    const whole = counting(prunes)
    expect(await whole.sweep()).toMatchObject({ code: 0 })
    const pruned = (await trialsOf(whole.runs)).find(({ status }) => status === 'pruned')!
    const step = pruned.conditions.pruned!.step
    const killed = counting(prunes)
    // Killed in the step that decides.
    await killedAt(killed, ['sweep', 'sweep.json'], pruned.trial, step)
    expect(await killed.resume()).toMatchObject({ code: 0 })
    expect(await essence(killed)).toEqual(await essence(whole))
    expect(trainedIn(killed.folder).get(`${pruned.trial} ${step - 1}`)).toBe(1)
  }, 120_000)
})
