/** What belongs to a program beside its command: its files, its environment, its devices; through all that a sweep goes through. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importance, openStore, reproduceRun, resumeSweep, type SweepEvent, sweep } from '../../src/index.js'
import { checkSweepFile, narrowed } from '../../src/launch/index.js'
import { specOf } from '../../src/launch/spec/version.js'
import { checkTrusted } from '../../src/launch/trust.js'
import type { ParentRun } from '../../src/tracking/index.js'
import { writeExecutable } from '../executable.js'
import { temporaryDirectory } from './support.js'

interface Project {
  readonly directory: string
  readonly file: string
  readonly store: string
  /** Writes the sweep file again with other entries. */
  rewrite(entries: object): void
}

/** A folder with train.sh, and a sweep of it. */
async function project(lines: string, trainer: object, entries: object = {}): Promise<Project> {
  const directory = await temporaryDirectory()
  writeExecutable(join(directory, 'train.sh'), `#!/bin/sh\n${lines}\n`)
  const file = join(directory, 'sweep.json')
  const rewrite = (more: object) =>
    writeFileSync(
      file,
      JSON.stringify({
        trainer: { command: ['./train.sh', '{x}'], ...trainer },
        objective: { metric: 'loss', direction: 'minimize' },
        search: { trials: 2 },
        parameters: { x: { type: 'float', min: 0, max: 1 } },
        ...more,
      }),
    )
  rewrite(entries)
  return { directory, file, store: join(directory, 'runs'), rewrite }
}

function listener() {
  const warnings: string[] = []
  const onEvent = (event: SweepEvent) => {
    if (event.type === 'warning') warnings.push(event.message)
  }
  return { warnings, onEvent }
}

describe('the files of a program', () => {
  it('that are named beside its command are known again when its sweep goes on: changed ones, new ones, ones that are gone', async () => {
    const { directory, file, store, rewrite } = await project(
      `. ./helper.sh; echo "espalier: {\\"final\\": {\\"loss\\": $1}}"`,
      {},
    )
    mkdirSync(join(directory, 'lib'))
    writeFileSync(join(directory, 'helper.sh'), ':\n')
    writeFileSync(join(directory, 'lib', 'loss.py'), 'x = 1\n')
    rewrite({ trainer: { command: ['./train.sh', '{x}'], files: ['helper.sh', 'lib/**'] } })
    const { run } = await sweep(file, { store })
    const goesOn = async (trials: number) => {
      const { warnings, onEvent } = listener()
      await resumeSweep(run, { store, trials, onEvent })
      return warnings
    }
    const changed = (name: string) =>
      `since the sweep began, the program's file ${join(directory, name)} has changed`
    expect(await goesOn(3)).toEqual([])
    appendFileSync(join(directory, 'helper.sh'), '# changed\n')
    expect(await goesOn(4)).toEqual([changed('helper.sh')])
    // The sweep began with others still.
    writeFileSync(join(directory, 'lib', 'more.py'), 'y = 1\n')
    expect(await goesOn(5)).toEqual([changed('helper.sh'), changed('lib/more.py')])
    const { changes } = await reproduceRun(run, { store })
    expect(changes.join()).toContain(changed('helper.sh').replace('since the sweep began, ', ''))
  })
})

describe('the environment of a program', () => {
  const scaled = {
    lines: 'echo "espalier: {\\"final\\": {\\"loss\\": $(awk "BEGIN { print $1 * $SCALE }")}}"',
    trainer: { environment: { SCALE: '3', LABEL: 'as it was' } },
  }

  it('is that of the record when its sweep goes on, is reproduced and is narrowed', async () => {
    const { directory, file, store } = await project(scaled.lines, scaled.trainer, {
      search: { trials: 12, seed: 3 },
    })
    const { run } = await sweep(file, { store })
    await resumeSweep(run, { store, trials: 14 })
    const opened = await openStore(store)
    const parent = (await opened.run(run)) as ParentRun
    for (const { params, value } of await opened.trials(run))
      expect(value).toBeCloseTo(3 * (params.x as number), 4)
    expect(await reproduceRun(run, { store })).toMatchObject({ equal: true, differences: [], changes: [] })
    const out = join(directory, 'narrower.json')
    const { file: narrower } = await narrowed(parent, await importance(opened, run, { resamples: 0 }), out)
    expect(narrower.trainer).toMatchObject(scaled.trainer)
    writeFileSync(out, JSON.stringify(narrower))
    const next = await sweep(out, { store, trials: 2 })
    expect(specOf((await opened.run(next.run)) as ParentRun).search.warmStart!.sweep).toBe(run)
    for (const { params, value } of await opened.trials(next.run))
      expect(value).toBeCloseTo(3 * (params.x as number), 4)
  })

  it('makes another trainer of it: values of one are no warm start of the other, unless that is said', async () => {
    const { file, store, rewrite } = await project(scaled.lines, scaled.trainer)
    const { run } = await sweep(file, { store })
    const command = ['./train.sh', '{x}']
    rewrite({
      trainer: { command, environment: { SCALE: '300' } },
      search: { trials: 1, warmStart: run },
    })
    await expect(sweep(file, { store })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(
        'another trainer: ./train.sh {x} with SCALE="3", LABEL="as it was" in its environment (here ./train.sh {x} with SCALE="300" in its environment)',
      ),
    })
    rewrite({
      trainer: { command },
      search: { trials: 1, warmStart: { sweep: run, despite: ['trainer'] } },
    })
    await expect(sweep(file, { store })).resolves.toMatchObject({ trials: { failed: 1 } })
    // In another order it is the same.
    rewrite({
      trainer: { command, environment: { LABEL: 'as it was', SCALE: '3' } },
      search: { trials: 1, warmStart: run },
    })
    await expect(sweep(file, { store })).resolves.toMatchObject({ trials: { finished: 1 } })
  })

  describe('on the record of somebody else', () => {
    const state = process.env.XDG_STATE_HOME
    beforeEach(async () => {
      process.env.XDG_STATE_HOME = await temporaryDirectory()
    })
    afterEach(() => {
      process.env.XDG_STATE_HOME = state
    })

    it('is named where its program is to be vouched for', async () => {
      const environment = { LD_PRELOAD: './evil.so', API_KEY: 'hush-hush-hush' }
      const { file, store } = await project(`echo 'espalier: {"final": {"loss": 1}}'`, { environment })
      const { run } = await sweep(file, { store })
      process.env.XDG_STATE_HOME = await temporaryDirectory()
      const refusal = await resumeSweep(run, { store, trials: 3 }).catch((error: unknown) => error)
      expect(refusal).toMatchObject({
        code: 'CODE_UNTRUSTED',
        message: expect.stringContaining('with LD_PRELOAD="./evil.so", API_KEY=… in its environment'),
      })
      expect(String(refusal)).not.toContain('hush')
    })

    it('that has been altered is not vouched for by having been started here', async () => {
      const { file, store } = await project(`echo 'espalier: {"final": {"loss": 1}}'`, {
        environment: { MODE: 'kind' },
      })
      const { run } = await sweep(file, { store })
      const spec = specOf((await (await openStore(store)).run(run)) as ParentRun)
      await checkTrusted(run, spec, {})
      const trainer = { ...spec.trainer, environment: { MODE: 'evil' } }
      await expect(checkTrusted(run, { ...spec, trainer } as typeof spec, {})).rejects.toMatchObject({
        code: 'CODE_UNTRUSTED',
        message: expect.stringContaining('with MODE="evil" in its environment'),
      })
    })
  })
})

describe('{device} in a command', () => {
  const lines = `echo "espalier: {\\"final\\": {\\"loss\\": 1}}"; echo "device '$2'" >&2`
  const command = ['./train.sh', '{x}', '{device}']
  const law =
    /^\{device\} in the command is empty where fits hold no devices; .*"resources": \{"devices": 1\}/

  it('is warned of where no fit holds a device, with what to write', async () => {
    const { file, store } = await project(lines, { command })
    const { warnings, onEvent } = listener()
    await sweep(file, { store, onEvent })
    expect(warnings).toEqual([expect.stringMatching(law)])
    expect((await checkSweepFile(file)).warnings).toEqual([expect.stringMatching(law)])
  })

  it('is not where they hold some, or where it is a parameter', async () => {
    const dealt = await project(lines, { command }, { resources: { devices: 1 } })
    const { warnings, onEvent } = listener()
    await sweep(dealt.file, { store: dealt.store, devices: ['7'], onEvent })
    expect((await checkSweepFile(dealt.file)).warnings).toEqual([])
    const asked = await project(lines, { command })
    await sweep(asked.file, { store: asked.store, devices: ['7'], onEvent })
    const parameter = await project(
      lines,
      { command: ['./train.sh', '{x}', '{device}', '{{device}}'] },
      {
        parameters: {
          x: { type: 'float', min: 0, max: 1 },
          device: { type: 'categorical', values: ['cpu'] },
        },
      },
    )
    await sweep(parameter.file, { store: parameter.store, onEvent })
    expect(warnings).toEqual([])
  })
})
