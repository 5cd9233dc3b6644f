/** The checkpoint of one fit on a disk: what is kept at a report, what a second start finds, and what is not believed. */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../src/execution/checkpoint.js'
import {
  type Checkpoint,
  checkpointFile,
  checkpointOf,
  installCheckpoint,
  readCheckpoint,
  workKept,
} from '../../src/execution/checkpoint-files.js'
import { clearCheckpoints, endCheckpoints } from '../../src/execution/checkpoint-upkeep.js'
import { type FitJob, FitNotes, type FitPlan, type LeftFile } from '../../src/training/index.js'
import type { Params } from '../../src/values.js'
import { temporaryFolder } from '../temporary.js'

interface Given extends Partial<Omit<FitJob, 'params'>> {
  readonly params?: Params
  readonly seed?: number
  readonly limitMB?: number
  readonly signal?: AbortSignal
}

const usualPlan: FitPlan = {
  trainer: { kind: 'command', command: ['train'], directory: '/' },
  data: null,
  resampling: null,
  seed: 1,
  objectiveMetric: 'loss',
}
const whole = { trial: 0, part: { kind: 'whole' } } as const

/** A start of a fit whose checkpoints are in this folder. */
async function started(folder: string, given: Given = {}) {
  const { seed = 1, limitMB = 100, signal, params = { x: 1 }, ...more } = given
  const notes = new FitNotes()
  const told: string[] = []
  const plan = { ...usualPlan, seed }
  const job = { ...whole, attempt: 0, params, ...more }
  const checkpoint = await openCheckpoint({
    ...{ plan, checkpoints: { folder, limitMB }, job, notes, signal },
    onKept: (name) => told.push(name),
  })
  return {
    checkpoint,
    told,
    /** About what there are notes. */
    noted: () => notes.list().map(({ about }) => about),
    notes: () => notes.list().map(({ message }) => message),
    path: (name: string) => join(checkpoint.folder, name),
    write(name: string, content: string) {
      writeFileSync(join(checkpoint.folder, name), content)
    },
    report: (step: number, left: () => readonly LeftFile[] = () => [], metrics = { loss: step / 2 }) =>
      checkpoint.keep({ step, metrics }, () => false, left),
  }
}

/** What is in a folder: names with contents, of folders null. */
function contentOf(folder: string): Record<string, string | null> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, name)
      return [name, statSync(path).isDirectory() ? null : readFileSync(path, 'utf8')]
    }),
  )
}

const keptIn = async (folder: string, owner: Parameters<typeof checkpointOf>[1] = whole) =>
  (await checkpointOf({ folder, limitMB: 1 }, owner))!

describe('what is in the folder at a report', () => {
  it('is there again at the next start, with the steps and where it went on', async () => {
    const folder = temporaryFolder()
    const first = await started(folder)
    expect(first.checkpoint).toMatchObject({ reports: [], left: [], continued: [] })
    mkdirSync(first.path('deep/er'), { recursive: true })
    mkdirSync(first.path('empty'))
    first.write('state', 'one')
    first.write('deep/er/run.sh', '#!/bin/sh')
    chmodSync(first.path('deep/er/run.sh'), 0o755)
    utimesSync(first.path('state'), 1_000_000, 1_000_000)
    await first.report(0)
    first.write('state', 'two')
    await first.report(1)
    // After the report: of no step.
    first.write('state', 'three')
    first.write('new', '')
    expect(first.told).toHaveLength(2)

    const second = await started(folder, { attempt: 1 })
    expect(second.checkpoint.folder).not.toBe(first.checkpoint.folder)
    const expected = { deep: null, 'deep/er': null, 'deep/er/run.sh': '#!/bin/sh', empty: null, state: 'two' }
    expect(contentOf(second.checkpoint.folder)).toEqual(expected)
    expect(statSync(second.path('deep/er/run.sh')).mode & 0o777).toBe(0o755)
    expect(second.checkpoint.reports).toEqual([0, 1].map((step) => ({ step, metrics: { loss: step / 2 } })))
    expect(second.checkpoint.continued).toEqual([{ attempt: 1, step: 1 }])
    second.write('state', 'four')
    await second.report(2)

    const third = await started(folder, { attempt: 2 })
    expect(contentOf(third.checkpoint.folder)).toEqual({ ...expected, state: 'four' })
    expect(third.checkpoint.reports.map(({ step }) => step)).toEqual([0, 1, 2])
    expect(third.checkpoint.continued).toEqual([
      { attempt: 1, step: 1 },
      { attempt: 2, step: 2 },
    ])
    expect([...first.noted(), ...second.noted(), ...third.noted()]).toEqual([])
    // Nothing of the starts before is left.
    expect(readdirSync(join(folder, '0/whole'))).toHaveLength(2)
  })

  it('keeps the times of files, and steps whose metrics are not finite', async () => {
    const folder = temporaryFolder()
    const first = await started(folder)
    for (const [name, time] of [
      ['older', 1_000_000],
      ['newer', 2_000_000],
    ] as const) {
      first.write(name, name)
      utimesSync(first.path(name), time, time)
    }
    await first.report(0, undefined, { loss: Number.NaN, a: Number.NEGATIVE_INFINITY, b: -0.1 } as never)
    const second = await started(folder)
    expect(statSync(second.path('older')).mtimeMs).toBe(1_000_000_000)
    expect(statSync(second.path('newer')).mtimeMs).toBe(2_000_000_000)
    const metrics = { loss: Number.NaN, a: Number.NEGATIVE_INFINITY, b: -0.1 }
    expect(second.checkpoint.reports).toEqual([{ step: 0, metrics }])
  })

  it('is linked where it has not changed, and never the file that the fit goes on to write', async () => {
    const folder = temporaryFolder()
    const fit = await started(folder)
    fit.write('large', 'a'.repeat(2 ** 20))
    fit.write('small', '0')
    await fit.report(0)
    const inode = (kept: string, name: string) => statSync(join(workKept(kept), name)).ino
    const first = await keptIn(folder)
    const [large, small] = [inode(first, 'large'), inode(first, 'small')]
    fit.write('small', '1')
    await fit.report(1)
    const second = await keptIn(folder)
    expect(inode(second, 'large')).toBe(large)
    expect(inode(second, 'small')).not.toBe(small)
    expect(statSync(fit.path('large')).ino).not.toBe(large)
    // Also after a second start, which has a copy.
    const again = await started(folder)
    again.write('small', '2')
    await again.report(2)
    expect(inode(await keptIn(folder), 'large')).toBe(large)
    appendFileSync(again.path('large'), 'b')
    expect(statSync(join(workKept(await keptIn(folder)), 'large')).size).toBe(2 ** 20)
    await again.report(3)
    expect(inode(await keptIn(folder), 'large')).not.toBe(large)
    expect(statSync(join(workKept(await keptIn(folder)), 'large')).size).toBe(2 ** 20 + 1)
  })

  it('is told from what was there before, however fast it changes', async () => {
    const folder = temporaryFolder()
    const fit = await started(folder)
    for (let step = 0; step < 40; step++) {
      const digit = String(step % 10)
      // The same size, and at once after the report before.
      fit.write('state', digit)
      await fit.report(step)
      expect(contentOf(workKept(await keptIn(folder)))).toEqual({ state: digit })
    }
  })

  it('is what there is: a file that is gone stays gone, and an empty folder is nothing to go on from', async () => {
    const folder = temporaryFolder()
    const fit = await started(folder)
    await fit.report(0)
    expect(await keptIn(folder)).toBeNull()
    fit.write('a', 'a')
    fit.write('b', 'b')
    await fit.report(1)
    rmSync(fit.path('a'))
    await fit.report(2)
    expect(contentOf(workKept(await keptIn(folder)))).toEqual({ b: 'b' })
    rmSync(fit.path('b'))
    await fit.report(3)
    const again = await started(folder)
    expect(contentOf(again.checkpoint.folder)).toEqual({ b: 'b' })
    expect(again.checkpoint.reports.map(({ step }) => step)).toEqual([0, 1, 2])
  })

  it('is not kept after the fit has ended or was stopped', async () => {
    const folder = temporaryFolder()
    const stop = new AbortController()
    const fit = await started(folder, { signal: stop.signal })
    fit.write('state', 'one')
    await fit.report(0)
    fit.write('state', 'two')
    stop.abort()
    await fit.report(1)
    const other = await started(folder)
    expect(contentOf(other.checkpoint.folder)).toEqual({ state: 'one' })
    await other.checkpoint.end()
    other.write('state', 'three')
    await other.report(1)
    expect(contentOf(workKept(await keptIn(folder)))).toEqual({ state: 'one' })
    expect([...fit.noted(), ...other.noted()]).toEqual([])
  })

  it('is not kept where it changes meanwhile, or the trainer has not waited: the one before stays', async () => {
    const folder = temporaryFolder()
    const fit = await started(folder)
    fit.write('state', 'one')
    await fit.report(0)
    fit.write('state', 'two')
    // Asked for when the folder was looked at, before anything is copied.
    await fit.report(1, () => {
      fit.write('state', 'THREE')
      return []
    })
    expect(fit.noted()).toEqual(['checkpoint changed'])
    const keeping = fit.checkpoint.keep(
      { step: 2, metrics: { loss: 0 } },
      () => true,
      () => [],
    )
    await keeping
    expect(contentOf(workKept(await keptIn(folder)))).toEqual({ state: 'one' })
    expect((await readCheckpoint(await keptIn(folder))).reports.map(({ step }) => step)).toEqual([0])
    await fit.report(3)
    const again = await started(folder)
    expect(contentOf(again.checkpoint.folder)).toEqual({ state: 'THREE' })
    expect(again.checkpoint.reports.map(({ step }) => step)).toEqual([0, 1, 2, 3])
  })

  it('is files and folders: links, pipes and what cannot be read are told of', async () => {
    const folder = temporaryFolder()
    const outside = temporaryFolder()
    writeFileSync(join(outside, 'secret'), 'secret')
    const fit = await started(folder)
    fit.write('state', 'one')
    symlinkSync(outside, fit.path('linked-folder'))
    symlinkSync('state', fit.path('latest'))
    execFileSync('mkfifo', [fit.path('pipe')])
    await fit.report(0)
    expect(fit.noted()).toEqual(['checkpoint links'])
    expect(fit.notes()[0]).toContain('"latest"')
    expect(contentOf(workKept(await keptIn(folder)))).toEqual({ state: 'one' })
    // A name that is no text cannot be kept: nothing is, and it is said.
    const odd = await started(temporaryFolder())
    odd.write('state', 'one')
    writeFileSync(
      Buffer.concat([Buffer.from(odd.path('x').slice(0, -1)), Buffer.from([0x61, 0xff, 0xfe])]),
      'odd',
    )
    await odd.report(0)
    expect(odd.noted()).toEqual(['checkpoint not written'])
    expect(odd.told).toEqual([])
  })
})

describe('a checkpoint that is not as it was written', () => {
  const ruins: Record<string, (kept: string) => void> = {
    'has no manifest': (kept) => rmSync(join(kept, 'manifest.json')),
    'has half a manifest': (kept) =>
      truncateSync(join(kept, 'manifest.json'), statSync(join(kept, 'manifest.json')).size >> 1),
    'has an empty manifest': (kept) => truncateSync(join(kept, 'manifest.json'), 0),
    'says another step': (kept) => {
      const path = join(kept, 'manifest.json')
      writeFileSync(path, readFileSync(path, 'utf8').replace('"step":1', '"step":7'))
    },
    'has a file that was changed': (kept) => writeFileSync(join(workKept(kept), 'state'), 'twO'),
    'has a file that was cut off': (kept) => truncateSync(join(workKept(kept), 'state'), 1),
    'lacks a file': (kept) => rmSync(join(workKept(kept), 'deep/a')),
    'lacks all files': (kept) => rmSync(join(kept, 'files'), { recursive: true }),
    'has another artifact': (kept) => appendFileSync(checkpointFile(kept, 'left/0'), '.'),
    'is a file': (kept) => {
      rmSync(kept, { recursive: true })
      writeFileSync(kept, '')
    },
  }
  const left = (): LeftFile[] => [
    { kind: 'artifact', name: 'a.txt', origin: '', content: Buffer.from('artifact') },
  ]

  it.each(Object.entries(ruins))(
    'because it %s is not gone on from, and the fit starts anew',
    async (_, ruin) => {
      const folder = temporaryFolder()
      const first = await started(folder)
      first.write('state', 'one')
      mkdirSync(first.path('deep'))
      first.write('deep/a', 'a')
      await first.report(0, left)
      first.write('state', 'two')
      await first.report(1, left)
      ruin(await keptIn(folder))
      const second = await started(folder)
      expect(second.noted()).toEqual(['checkpoint'])
      expect(second.notes()[0]).toMatch(
        /^a checkpoint is read as it was written \(.*\); its fit starts anew$/s,
      )
      expect(second.checkpoint).toMatchObject({ reports: [], left: [], continued: [] })
      expect(contentOf(second.checkpoint.folder)).toEqual({})
      // And keeps checkpoints as any other.
      second.write('state', 'anew')
      await second.report(0)
      expect(contentOf((await started(folder)).checkpoint.folder)).toEqual({ state: 'anew' })
    },
  )

  it.each<[string, Given]>([
    ['params', { params: { x: 2 } }],
    ['a trial', { trial: 1 }],
    ['a fold', { part: { kind: 'fold', fold: 0 } }],
    ['a sweep with another seed', { seed: 2 }],
  ])('but of another %s is not gone on from', async (_, other) => {
    const folder = temporaryFolder()
    const first = await started(folder)
    first.write('state', 'one')
    await first.report(0)
    const part = other.part === undefined ? 'whole' : 'fold-0'
    const there = join(folder, String(other.trial ?? 0), part)
    if (!existsSync(there)) cpSync(join(folder, '0/whole'), there, { recursive: true })
    const second = await started(folder, other)
    expect(second.notes()[0]).toContain('is of another fit')
    expect(second.checkpoint.reports).toEqual([])
    expect(contentOf(second.checkpoint.folder)).toEqual({})
  })

  it('because it was never whole is cleared away, and the last whole one counts', async () => {
    const folder = temporaryFolder()
    const first = await started(folder)
    first.write('state', 'one')
    await first.report(0)
    const part = join(folder, '0/whole')
    const one = await keptIn(folder)
    cpSync(one, join(part, 'making-2'), { recursive: true })
    rmSync(join(part, 'making-2/manifest.json'))
    cpSync(one, join(part, 'kept-0-3'), { recursive: true })
    writeFileSync(join(workKept(join(part, 'kept-0-3')), 'state'), 'old')
    const second = await started(folder)
    expect(contentOf(second.checkpoint.folder)).toEqual({ state: 'one' })
    expect(second.noted()).toEqual([])
    expect(readdirSync(part).sort()).toEqual(
      [one, second.checkpoint.folder].map((path) => path.slice(part.length + 1)),
    )
  })
})

describe('what the fit has left for its trial', () => {
  it('goes with the checkpoint, and is linked where it has not changed', async () => {
    const folder = temporaryFolder()
    const outside = temporaryFolder()
    const path = join(outside, 'model.bin')
    writeFileSync(path, 'model')
    const content = Buffer.from('in memory')
    let out = 'a\n'
    const left = (): LeftFile[] => [
      { kind: 'artifact', name: 'a.txt', origin: '', content },
      { kind: 'artifact', name: 'model.bin', origin: path, content: path },
      { kind: 'artifact', name: 'none', origin: 'none', content: null },
      { kind: 'output', name: 'stdout', origin: '', content: Buffer.from(out) },
    ]
    const fit = await started(folder)
    fit.write('state', 'one')
    await fit.report(0, left)
    const inodes = async () =>
      [0, 1, 2].map((n) =>
        keptIn(folder).then((kept) => statSync(checkpointFile(kept, `left/${[0, 1, 3][n]}`)).ino),
      )
    const before = await Promise.all(await inodes())
    out += 'b\n'
    fit.write('state', 'two')
    await fit.report(1, left)
    const after = await Promise.all(await inodes())
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
    expect(after[2]).not.toBe(before[2])
    rmSync(path)
    const again = await started(folder)
    const told = again.checkpoint.left.map(({ content, ...one }) => ({
      ...one,
      content: content === null ? null : Buffer.from(content as Uint8Array).toString(),
    }))
    expect(told).toEqual([
      { kind: 'artifact', name: 'a.txt', origin: '', content: 'in memory' },
      { kind: 'artifact', name: 'model.bin', origin: path, content: 'model' },
      { kind: 'artifact', name: 'none', origin: 'none', content: null },
      { kind: 'output', name: 'stdout', origin: '', content: 'a\nb\n' },
    ])
    // It is no part of what the fit itself goes on from.
    expect(contentOf(again.checkpoint.folder)).toEqual({ state: 'two' })
  })
})

describe('the limit of disk', () => {
  const MB = 'x'.repeat(2 ** 20)

  it('keeps no checkpoint that is too large, alone or beside those of other fits', async () => {
    const folder = temporaryFolder()
    const one = await started(folder, { limitMB: 2.5 })
    one.write('state', MB)
    await one.report(0)
    one.write('state', MB + MB + MB)
    await one.report(1)
    expect(one.notes()).toEqual([
      expect.stringContaining('may take 2.5 MB together (with one of 3 MB they take more)'),
    ])
    expect(contentOf(workKept(await keptIn(folder)))).toEqual({ state: MB })
    const other = await started(folder, { limitMB: 2.5, trial: 1 })
    other.write('state', MB + MB)
    await other.report(0)
    expect(other.noted()).toEqual(['checkpoint limit'])
    expect(other.told).toEqual([])
    // Its own of before does not count: that goes.
    other.write('state', MB)
    await other.report(1)
    other.write('state', `${MB}.`)
    await other.report(2)
    expect(other.told).toHaveLength(2)
  })

  it('holds for fits that keep at the same moment: as many as there is room for', async () => {
    const folder = temporaryFolder()
    const fits = await Promise.all(
      Array.from({ length: 8 }, (_, trial) => started(folder, { limitMB: 3.5, trial })),
    )
    for (let step = 0; step < 3; step++) {
      for (const fit of fits) fit.write('state', `${MB}${step}`.slice(step))
      await Promise.all(fits.map((fit) => fit.report(step)))
      const sizes = await Promise.all(
        fits.map(async (_, trial) => {
          const kept = await checkpointOf({ folder, limitMB: 1 }, { ...whole, trial })
          return kept === null ? 0 : statSync(join(workKept(kept), 'state')).size
        }),
      )
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(3.5 * 2 ** 20)
      expect(sizes.filter((size) => size > 0)).toHaveLength(3)
    }
    expect(fits.filter((fit) => fit.noted().includes('checkpoint limit'))).toHaveLength(5)
  })

  it('lets those of ended trials go, that of the earliest first', async () => {
    const folder = temporaryFolder()
    for (const trial of [2, 10, 1]) {
      const fit = await started(folder, { limitMB: 4, trial })
      fit.write('state', MB)
      await fit.report(0)
      await fit.checkpoint.end()
      await endCheckpoints(folder, trial, true)
    }
    expect(readdirSync(join(folder, 'ended')).sort()).toEqual(['1', '10', '2'])
    const fit = await started(folder, { limitMB: 3.5, trial: 11 })
    fit.write('state', MB)
    await fit.report(0)
    expect(readdirSync(join(folder, 'ended')).sort()).toEqual(['10', '2'])
    fit.write('state', MB + MB + MB)
    await fit.report(1)
    expect(readdirSync(join(folder, 'ended'))).toEqual([])
    expect(fit.noted()).toEqual([])
  })
})

describe('when a trial has ended', () => {
  async function ended(keep: boolean) {
    const folder = temporaryFolder()
    for (const part of [{ kind: 'fold', fold: 0 }, { kind: 'fold', fold: 1 }, { kind: 'final' }] as const) {
      const fit = await started(folder, { trial: 3, part })
      fit.write('state', part.kind === 'fold' ? `fold ${part.fold}` : 'final')
      await fit.report(0)
    }
    await endCheckpoints(folder, 3, keep)
    return folder
  }

  it('its checkpoints go, but for those of what is still fitted', async () => {
    const folder = await ended(false)
    expect(readdirSync(join(folder, '3'))).toEqual(['final'])
    expect(existsSync(join(folder, 'ended'))).toBe(false)
    await clearCheckpoints(folder)
    expect(existsSync(folder)).toBe(false)
  })

  it('the last whole ones stay where they are asked to', async () => {
    const folder = await ended(true)
    await clearCheckpoints(folder)
    expect(readdirSync(folder)).toEqual(['ended'])
    expect(readdirSync(join(folder, 'ended/3'))).toEqual(['fold-0', 'fold-1'])
    const part = join(folder, 'ended/3/fold-1')
    const [name] = readdirSync(part)
    expect(contentOf(workKept(join(part, name)))).toEqual({ state: 'fold 1' })
    expect((await readCheckpoint(join(part, name))).part).toBe('fold-1')
  })
})

describe('a checkpoint from elsewhere', () => {
  async function sent(): Promise<{ checkpoint: Checkpoint; kept: string }> {
    const folder = temporaryFolder()
    const fit = await started(folder)
    mkdirSync(fit.path('deep'))
    fit.write('deep/state', 'one')
    await fit.report(4, () => [{ kind: 'output', name: 'stdout', origin: '', content: Buffer.from('out') }])
    const kept = await keptIn(folder)
    return { checkpoint: await readCheckpoint(kept), kept }
  }

  it('is gone on from as if it had been kept here', async () => {
    const { checkpoint, kept } = await sent()
    const folder = temporaryFolder()
    const plan = { folder, limitMB: 1 }
    const at = await installCheckpoint(plan, whole, checkpoint, async ({ name }, path) =>
      cpSync(checkpointFile(kept, name), path),
    )
    expect(await checkpointOf(plan, whole)).toBe(at)
    const fit = await started(folder, { attempt: 1 })
    expect(contentOf(fit.checkpoint.folder)).toEqual({ deep: null, 'deep/state': 'one' })
    expect(fit.checkpoint).toMatchObject({ reports: [{ step: 4 }], left: [{ kind: 'output' }] })
    expect(fit.noted()).toEqual([])
  })

  it.each<[string, (checkpoint: Checkpoint) => Checkpoint, RegExp]>([
    ['has another file', (one) => one, /is not the file that was kept/],
    [
      'leads out of its folder',
      (one) => ({ ...one, files: [{ ...one.files[0], name: '../../../../x' }] }),
      /leads out/,
    ],
    [
      'leads out of the working folder',
      (one) => ({ ...one, files: [{ ...one.files[0], name: 'folder/../x' }] }),
      /leads out/,
    ],
    ['has a folder elsewhere', (one) => ({ ...one, folders: ['../../..'] }), /leads out/],
  ])('is refused where it %s, and nothing of it stays', async (_, change, message) => {
    const { checkpoint } = await sent()
    const folder = temporaryFolder()
    const plan = { folder, limitMB: 1 }
    const install = installCheckpoint(plan, whole, change(checkpoint), async (_file, path) =>
      writeFileSync(path, 'two'),
    )
    await expect(install).rejects.toMatchObject({
      code: 'CHECKPOINT_DAMAGED',
      message: expect.stringMatching(message),
    })
    expect(readdirSync(join(folder, '0/whole'))).toEqual([])
    expect((await started(folder)).checkpoint.reports).toEqual([])
  })
})
