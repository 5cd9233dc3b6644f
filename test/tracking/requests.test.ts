/** Requests on the disk: each is answered once, wherever a process dies, and what is none does no harm. */
import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../src/tracking/file-system.js'
import { type Act, openStore, type Ruling, type SweepWriter } from '../../src/tracking/index.js'
import type { JsonObject } from '../../src/values.js'
import { runTrials, sweepOf } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'
import { DyingFiles } from './dying-files.js'
import { rewritten } from './rewritten.js'

const ada = { user: 'ada', host: 'engine' }
const request = (act: Act) => JSON.stringify({ asked: '2026-11-26T12:00:00.000Z', by: ada, act })
const done: Ruling = { outcome: 'done', message: 'it is done', trial: 2, spec: { trials: 9 } }

async function waiting(directory: string, id: string): Promise<string[]> {
  return readdir(join(directory, 'sweeps', id, 'requests')).catch(() => [])
}

async function withRequests(
  writer: SweepWriter,
  directory: string,
  files: Record<string, string>,
  system: FileSystem = nodeFileSystem,
) {
  const folder = join(directory, 'sweeps', writer.id, 'requests')
  await system.makeDirectory(folder)
  for (const [name, text] of Object.entries(files)) {
    const file = await system.open(join(folder, name), 'create')
    await file.append(Buffer.from(text))
    await file.close()
  }
}

describe('a request', () => {
  it('is answered once and on record once, after whichever operation on files the answering process dies', async () => {
    let last = 0
    for (; ; last++) {
      const directory = await temporaryDirectory()
      const files = new DyingFiles(directory)
      const dying = await openStore(directory, { files })
      const writer = await dying.createSweep(sweepOf())
      await runTrials(writer, 0, 2)
      const asked = {
        '00000000000000aa.json': request({ kind: 'extend', by: 4 }),
        '00000000000000bb.json': request({ kind: 'tag', trial: 1, tags: { seen: 'yes' } }),
      }
      await withRequests(writer, directory, asked, files)
      files.last = files.operations + last
      const rulings: string[] = []
      const heed = (one: SweepWriter) =>
        one.heed(({ id }) => {
          rulings.push(id)
          return done
        })
      heed(writer)
      await writer.finish({ status: 'finished' }).catch(() => {})
      const { dead } = files
      const store = await openStore(directory)
      const again = await store.resumeSweep(writer.id, { conditions: {} })
      heed(again)
      await again.finish({ status: 'finished' })
      const [parent] = await store.sweeps()
      const where = `killed after operation ${last}`
      expect(
        parent.requests.map(({ id, outcome }) => [id, outcome]),
        where,
      ).toEqual([
        ['00000000000000aa', 'done'],
        ['00000000000000bb', 'done'],
      ])
      expect(parent.spec.trials, where).toBe(9)
      expect((await store.trials(writer.id))[1].tags, where).toEqual({ seen: 'yes' })
      expect(await waiting(directory, writer.id), where).toEqual([])
      // What was ruled and is not on record has no effect: it is ruled again.
      expect(rulings.length, where).toBeLessThanOrEqual(2)
      if (!dead) break
    }
    expect(last).toBeGreaterThan(5)
  })

  it('stays on record through compaction, a copy and a check of the store', async () => {
    const directory = await temporaryDirectory()
    const store = await openStore(directory)
    const writer = await store.createSweep(sweepOf())
    await runTrials(writer, 0, 3)
    await withRequests(writer, directory, { '00000000000000aa.json': request({ kind: 'extend', by: 4 }) })
    writer.heed(() => done)
    await writer.finish({ status: 'finished' })
    const before = (await store.sweeps())[0].requests
    expect(before).toMatchObject([
      { id: '00000000000000aa', by: ada, act: { kind: 'extend', by: 4 }, trial: 2 },
    ])
    const all = await store.follow(writer.id)
    expect(all.updates).toContainEqual({ kind: 'asked', request: before[0], spec: { trials: 9 } })
    // Which compacts the journal.
    await store.delete(writer.childId(1))
    const { updates } = await store.follow(writer.id)
    expect(updates[0]).toMatchObject({ kind: 'sweep', run: { requests: before } })
    const copy = join(await temporaryDirectory(), 'copy')
    await store.backup(copy)
    const copied = await openStore(copy)
    expect((await copied.sweeps())[0].requests).toEqual(before)
    expect((await copied.check()).problems).toEqual([])
  })

  it.each([
    ['no JSON', '{"asked":'],
    ['no request', '{"asked":"2026-11-26T12:00:00.000Z","by":{"user":"a","host":"b"}}'],
    ['an act that there is not', request({ kind: 'format-disk' } as unknown as Act)],
    ['more than an act has', request({ kind: 'stop', now: true } as unknown as Act)],
    ['a number that is none', request({ kind: 'extend', by: -1 })],
    ['brackets without end', `{"asked":${'['.repeat(100_000)}`],
    ['too much', `${request({ kind: 'stop' })}${' '.repeat(1 << 21)}`],
  ])('that is %s is passed over with a warning, and the sweep goes on', async (_, text) => {
    const directory = await temporaryDirectory()
    const store = await openStore(directory)
    const writer = await store.createSweep(sweepOf())
    await withRequests(writer, directory, { '00000000000000aa.json': text, 'stranger.txt': 'left alone' })
    writer.heed(() => {
      throw new Error('not to be asked')
    })
    await runTrials(writer, 0, 1)
    await writer.finish({ status: 'finished' })
    expect((await store.sweeps())[0]).toMatchObject({ requests: [], status: 'finished' })
    expect(store.warnings.join()).toMatch(/a request in .* was not carried out/)
    expect(await waiting(directory, writer.id)).toEqual(['stranger.txt'])
  })

  it('that cannot be taken up does not keep the others from being answered', async () => {
    const directory = await temporaryDirectory()
    const files: FileSystem = {
      ...nodeFileSystem,
      rename: (from, to) =>
        from.includes('00000000000000aa')
          ? Promise.reject(Object.assign(new Error('it is not permitted'), { code: 'EPERM' }))
          : nodeFileSystem.rename(from, to),
    }
    const store = await openStore(directory, { files })
    const writer = await store.createSweep(sweepOf())
    await withRequests(writer, directory, {
      '00000000000000aa.json': request({ kind: 'stop' }),
      '00000000000000bb.json': request({ kind: 'extend', by: 2 }),
    })
    writer.heed(() => done)
    await writer.finish({ status: 'finished' })
    expect((await store.sweeps())[0].requests.map(({ id }) => id)).toEqual(['00000000000000bb'])
    expect(store.warnings.join()).toContain('it is not permitted')
  })

  it('is not looked for behind a link', async () => {
    const directory = await temporaryDirectory()
    const elsewhere = await temporaryDirectory()
    const store = await openStore(directory)
    const writer = await store.createSweep(sweepOf())
    await writeFile(join(elsewhere, '00000000000000aa.json'), request({ kind: 'stop' }))
    await symlink(elsewhere, join(directory, 'sweeps', writer.id, 'requests'))
    writer.heed(() => {
      throw new Error('not to be asked')
    })
    await writer.finish({ status: 'finished' })
    expect((await store.sweeps())[0].requests).toEqual([])
    expect(await readdir(elsewhere)).toEqual(['00000000000000aa.json'])
  })

  it.each([
    ['no act', { act: undefined }],
    ['an act that there is not', { act: { kind: 'format-disk' } }],
    ['nobody', { by: 'ada' }],
    ['no outcome', { outcome: 'perhaps' }],
    ['a trial that is none', { trial: 'first' }],
  ])('on a record that was written by somebody, with %s, is said to be damage', async (_, change) => {
    const directory = await temporaryDirectory()
    const store = await openStore(directory)
    const writer = await store.createSweep(sweepOf())
    await withRequests(writer, directory, { '00000000000000aa.json': request({ kind: 'extend', by: 4 }) })
    writer.heed(() => done)
    await writer.finish({ status: 'finished' })
    const folder = join(directory, 'sweeps', writer.id)
    const journal = await readFile(join(folder, 'journal.jsonl'), 'utf8')
    const changed = rewritten(journal, (entries) =>
      entries.event === 'asked' ? ({ ...entries, ...change } as JsonObject) : entries,
    )
    await writeFile(join(folder, 'journal.jsonl'), changed)
    await rm(join(folder, 'snapshot.json'), { force: true })
    await expect((await openStore(directory)).run(writer.id)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining('what was asked'),
    })
  })

  it('that nobody answered is left over, as a check of the store says', async () => {
    const directory = await temporaryDirectory()
    const store = await openStore(directory)
    const writer = await store.createSweep(sweepOf())
    await writer.finish({ status: 'finished' })
    expect((await store.check()).problems).toEqual([])
    await withRequests(writer, directory, { '00000000000000aa.taken': request({ kind: 'extend', by: 1 }) })
    expect((await store.check()).problems).toMatchObject([
      { kind: 'left over', what: expect.stringMatching(/request 00000000000000aa, which nobody answered/) },
    ])
  })

  it('is refused where it is none, before anything is written', async () => {
    const store = await openStore(await temporaryDirectory())
    const writer = await store.createSweep(sweepOf())
    for (const act of [
      { kind: 'stop', now: 1 },
      { kind: 'extend', by: 0.5 },
      { kind: 'tag', trial: 0 },
      null,
    ])
      await expect(store.ask(writer.id, act as never)).rejects.toMatchObject({ code: 'USAGE' })
    await expect(store.ask(writer.id, { kind: 'stop' }, { by: { user: 1 } as never })).rejects.toMatchObject({
      code: 'USAGE',
    })
    await writer.finish({ status: 'finished' })
  })
})
