/** What a program runs in: its environment, its seat and devices, the files it is made of. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openCommand } from '../../../src/training/command/open.js'
import { checkProgram, performFit, programFiles } from '../../../src/training/index.js'
import { temporaryFolder } from '../../temporary.js'
import { rejection } from '../support.js'
import { runShell, shellScript, told } from './support.js'

afterEach(() => vi.unstubAllEnvs())

describe('the environment of a program', () => {
  it('goes over what it inherits and under what Espalier sets, without the queue and what is of another trial', async () => {
    vi.stubEnv('OWN', 'inherited')
    vi.stubEnv('KEPT', 'kept')
    for (const name of ['QUEUE', 'QUEUE_SECRET', 'PARAM_MOMENTUM', 'SEAT', 'DEVICE', 'CHECKPOINT', 'STEP'])
      vi.stubEnv(`ESPALIER_${name}`, 'of another')
    const ran = await runShell(`env | grep -E '^(OWN|KEPT|ESPALIER_)'; echo 'espalier: {"final": 1}'`, {
      params: { lr: 1 },
      program: { environment: { OWN: 'a = "b" $HOME' } },
    })
    const lines = ran.files['stdout.txt'].split('\n')
    expect(lines).toContain('OWN=a = "b" $HOME')
    expect(lines).toContain('KEPT=kept')
    expect(lines).toContain('ESPALIER_PARAM_LR=1')
    expect(lines).toContain('ESPALIER_SEAT=0')
    expect(lines.filter((line) => line.includes('of another'))).toEqual([])
  })

  it('has a PATH of its own, by which the program is found', async () => {
    const folder = temporaryFolder()
    shellScript(folder, `echo 'espalier: {"final": 7}'`, 'own-program')
    const path = `${folder}:${process.env.PATH}`
    const ran = await runShell('', {
      program: { command: ['own-program'], environment: { PATH: path } },
    })
    expect(told(ran)).toBe('finished {"loss":7}')
  })

  it.each([
    ['', /is not empty/],
    ['A=B', /has no "="/],
    ['ESPALIER_TRIAL', /are set by Espalier/],
  ])('refuses the name %j', (name, message) => {
    try {
      checkProgram({ command: ['p'], environment: { [name]: 'x', FINE: 'y' } }, [])
      expect.unreachable()
    } catch (error) {
      const { problems } = error as { problems: { path: string; message: string }[] }
      expect(problems).toEqual([
        { path: `trainer.environment.${name}`, message: expect.stringMatching(message) },
      ])
    }
  })
})

describe('where it runs', () => {
  it('is told as arguments and in the environment: its seat, its devices', async () => {
    const directory = temporaryFolder()
    const script = `echo "$1 $ESPALIER_SEAT $ESPALIER_DEVICE $CUDA_VISIBLE_DEVICES"; echo 'espalier: {"final": 1}'`
    shellScript(directory, script)
    const trainer = {
      kind: 'command' as const,
      command: ['./train.sh', '{seat}|{device}|'],
      directory,
      environment: { CUDA_VISIBLE_DEVICES: '9' },
    }
    const plan = { trainer, data: null, resampling: null, seed: 1, objectiveMetric: 'loss' }
    const printed: string[] = []
    await performFit(
      plan,
      await openCommand(trainer),
      { trial: 0, attempt: 0, part: { kind: 'whole' }, params: {} },
      {
        print: (line) => printed.push(line),
        place: { seat: 3, devices: ['0', '2'], environment: { CUDA_VISIBLE_DEVICES: '0,2' } },
      },
    )
    expect(printed[0]).toBe('3|0,2| 3 0,2 0,2')
  })
})

describe('the files of a program', () => {
  function folder(): string {
    const made = temporaryFolder()
    for (const name of ['lib/deep', 'lib/__pycache__', 'other'])
      mkdirSync(join(made, name), { recursive: true })
    for (const name of [
      'train.py',
      'lib/a.py',
      'lib/deep/b.py',
      'lib/__pycache__/a.pyc',
      'x[1].txt',
      'x1.txt',
    ])
      writeFileSync(join(made, name), name)
    return made
  }

  async function named(directory: string, files: string[] | undefined): Promise<string[]> {
    const command = ['sh', 'train.py', '--lr', '{lr}']
    return (await programFiles({ kind: 'command', command, directory, files })).map(({ name }) => name)
  }

  it('are those of its command, and what names and patterns match; what running it makes is none', async () => {
    const directory = folder()
    expect(await named(directory, undefined)).toEqual(['train.py'])
    expect(await named(directory, ['lib/**'])).toEqual(['lib/a.py', 'lib/deep/b.py', 'train.py'])
    expect(await named(directory, ['lib', './lib/*.py'])).toEqual(['lib/a.py', 'lib/deep/b.py', 'train.py'])
    expect(await named(directory, ['x[1].txt'])).toEqual(['train.py', 'x[1].txt'])
    expect(await named(directory, ['x?.txt'])).toEqual(['train.py', 'x1.txt'])
    symlinkSync(temporaryFolder(), join(directory, 'away'))
    writeFileSync(join(directory, 'away', 'secret.py'), '')
    expect(await named(directory, ['**/*.py'])).toEqual(['lib/a.py', 'lib/deep/b.py', 'train.py'])
    const [{ path }] = await programFiles({
      kind: 'command',
      command: ['sh'],
      directory,
      files: ['lib/a.py'],
    })
    expect(path).toBe(join(directory, 'lib', 'a.py'))
  })

  it.each([
    ['lib/*.js', /matches none in/],
    ['../x.py', /are in its folder/],
    ['lib/../../x.py', /are in its folder/],
    ['/etc/passwd', /are in its folder/],
  ])('refuses %s', async (entry, message) => {
    const error = await rejection(named(folder(), ['lib/a.py', entry]))
    expect(error).toMatchObject({
      code: 'TRAINER_INVALID',
      problems: [{ path: 'trainer.files[1]', message: expect.stringMatching(message) }],
    })
  })
})
