import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/tracking/index.js'
import { endOf, runTrials, startOf, sweepOf } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'
import { FaultyFiles } from './faulty-files.js'

async function setUp() {
  const directory = join(await temporaryDirectory(), 'runs')
  const files = new FaultyFiles()
  const store = await openStore(directory, { files })
  const writer = await store.createSweep(sweepOf())
  await runTrials(writer, 0, 3)
  return { directory, files, store, writer }
}

const journalOf = (directory: string, sweep: string) => join(directory, 'sweeps', sweep, 'journal.jsonl')

describe('when the disk fails', () => {
  it('a disk that fills up at any byte of a record costs nothing that was reported', async () => {
    const { directory, files, store, writer } = await setUp()
    await writer.finish({ status: 'interrupted' })
    const before = await readFile(journalOf(directory, writer.id))
    // Room for the new session's record and for a part of a trial's.
    for (let room = 0; room < 900; room += 37) {
      const again = await store.resumeSweep(writer.id, { conditions: {} }).catch((error) => error)
      expect(again).not.toBeInstanceOf(Error)
      const reported = await readFile(journalOf(directory, writer.id))
      files.space = room
      const trial = 100 + room
      const failed = await again
        .trialStarted(startOf(trial))
        .then(() => again.trialEnded(endOf(trial)))
        .catch((error: unknown) => error)
      if (failed !== undefined) {
        expect(failed).toMatchObject({
          code: 'STORE_WRITE_FAILED',
          message: expect.stringMatching(/the disk is full \(ENOSPC\)/),
        })
        expect(failed.message).toContain(journalOf(directory, writer.id))
        const left = await readFile(journalOf(directory, writer.id))
        expect(left.subarray(0, reported.length).equals(reported)).toBe(true)
        expect(left.length === 0 || left.at(-1) === 10).toBe(true)
      }
      files.space = Number.POSITIVE_INFINITY
      const runs = await (await openStore(directory)).trials(writer.id)
      expect(runs.filter((run) => run.trial < 3).map((run) => run.value)).toEqual([0, 0.1, 0.2])
      expect(runs.some((run) => run.trial === trial && run.status === 'finished')).toBe(failed === undefined)
      await again.finish({ status: 'interrupted' }).catch(() => {})
    }
    expect((await readFile(journalOf(directory, writer.id))).subarray(0, before.length).equals(before)).toBe(
      true,
    )
  })

  it('goes on failing loudly after a failure, and lets go of the sweep at the end', async () => {
    const { directory, files, store, writer } = await setUp()
    files.fail.append = 'EIO'
    await writer.trialStarted(startOf(3)).catch(() => {})
    await expect(writer.trialEnded(endOf(3))).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
    files.fail = {}
    await expect(writer.annotate(0, { tags: { a: 'b' } })).rejects.toThrow(/input\/output error \(EIO\)/)
    await expect(writer.finish({ status: 'finished' })).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
    const reader = await openStore(directory)
    expect((await reader.run(writer.id)).status).toBe('interrupted')
    expect((await reader.trials(writer.id)).map((run) => run.trial)).toEqual([0, 1, 2])
    const again = await store.resumeSweep(writer.id, { conditions: {} })
    await runTrials(again, 3, 5)
    await again.finish({ status: 'finished' })
    expect((await reader.trials(writer.id)).length).toBe(5)
  })

  it('does not report what could not be synced', async () => {
    const { directory, files, writer } = await setUp()
    files.fail.datasync = 'EIO'
    await writer.trialStarted(startOf(3))
    await expect(writer.trialEnded(endOf(3))).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
    files.fail = {}
    await expect(writer.trialStarted(startOf(4))).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
    await writer.finish({ status: 'failed' }).catch(() => {})
    const runs = await (await openStore(directory)).trials(writer.id)
    expect(runs.filter((run) => run.status === 'finished').length).toBe(3)
  })

  it('half a record that cannot be cut off is cut off by the next to write', async () => {
    const { directory, files, store, writer } = await setUp()
    files.space = 300
    files.fail.truncate = 'EIO'
    await writer.trialStarted(startOf(3)).catch(() => {})
    await expect(writer.trialEnded(endOf(3))).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
    files.space = Number.POSITIVE_INFINITY
    files.fail = {}
    await writer.finish({ status: 'finished' }).catch(() => {})
    const reader = await openStore(directory)
    expect((await reader.trials(writer.id)).filter((run) => run.status === 'finished').length).toBe(3)
    expect(reader.warnings[0]).toMatch(/half a record.*left out/)
    const again = await store.resumeSweep(writer.id, { conditions: {} })
    expect(store.warnings.some((warning) => /half a record.*cut it off/.test(warning))).toBe(true)
    await again.finish({ status: 'finished' })
    const later = await openStore(directory)
    await later.trials(writer.id)
    expect(later.warnings).toEqual([])
  })

  it('writes all of a record however little the system takes at once', async () => {
    const { directory, files, writer } = await setUp()
    files.shortest = 7
    await runTrials(writer, 3, 5)
    await writer.artifact(4, 'model.json', 'x'.repeat(100))
    await writer.finish({ status: 'finished' })
    const reader = await openStore(directory)
    expect((await reader.trials(writer.id)).map((run) => run.value)).toEqual([0, 0.1, 0.2, 0.3, 0.4])
    expect((await reader.readArtifact(writer.childId(4), 'model.json')).length).toBe(100)
  })

  it('an artifact that could not be written is not recorded, and the old one stays', async () => {
    const { directory, files, writer } = await setUp()
    await writer.artifact(0, 'model.json', 'old')
    for (const fault of ['append', 'datasync', 'rename', 'create'] as const) {
      files.fail = { [fault]: 'ENOSPC' }
      await expect(writer.artifact(0, 'model.json', 'new')).rejects.toMatchObject({
        code: 'STORE_WRITE_FAILED',
        message: expect.stringMatching(/model\.json could not be written: the disk is full/),
      })
    }
    files.fail = {}
    await writer.finish({ status: 'finished' })
    const reader = await openStore(directory)
    expect(Buffer.from(await reader.readArtifact(writer.childId(0), 'model.json')).toString()).toBe('old')
  })

  it('a store that cannot be made or written says why', async () => {
    for (const [fault, code, words] of [
      ['makeDirectory', 'EROFS', /read-only \(EROFS\)/],
      ['makeDirectory', 'EACCES', /permission is denied \(EACCES\)/],
      ['rename', 'ENOSPC', /the disk is full/],
      ['create', 'EROFS', /writable file system/],
    ] as const) {
      const files = new FaultyFiles()
      files.fail[fault] = code
      const store = await openStore(join(await temporaryDirectory(), 'runs'), { files })
      await expect(store.createSweep(sweepOf())).rejects.toMatchObject({
        code: 'STORE_WRITE_FAILED',
        message: expect.stringMatching(words),
      })
      files.fail = {}
      const writer = await store.createSweep(sweepOf())
      await writer.finish({ status: 'finished' })
      expect((await store.sweeps()).length).toBe(1)
    }
  })

  it('a journal that cannot be compacted stays as it is', async () => {
    const { directory, files, store, writer } = await setUp()
    await writer.finish({ status: 'finished' })
    const before = await readFile(journalOf(directory, writer.id))
    files.fail.rename = 'ENOSPC'
    await store.delete(writer.childId(1))
    expect(store.warnings[0]).toMatch(/stays longer than need be.*the disk is full/)
    expect((await readFile(journalOf(directory, writer.id))).subarray(0, before.length).equals(before)).toBe(
      true,
    )
    files.fail = {}
    const reader = await openStore(directory)
    expect((await reader.trials(writer.id)).map((run) => run.trial)).toEqual([0, 2])
    expect((await reader.sweeps())[0].trials.finished).toBe(2)
  })

  it('a sweep whose snapshots cannot be written loses nothing', async () => {
    const { directory, files, store, writer } = await setUp()
    files.fail.rename = 'ENOSPC'
    await writer.finish({ status: 'finished' })
    expect(store.warnings[0]).toMatch(/snapshot .* was not written/)
    expect((await (await openStore(directory)).sweeps())[0]).toMatchObject({
      status: 'finished',
      trials: { finished: 3 },
    })
  })
})

describe('the cost of a trial', () => {
  it('appends that come together share one write and one sync', async () => {
    const { files, writer } = await setUp()
    for (let trial = 3; trial < 67; trial++) void writer.trialStarted(startOf(trial))
    await new Promise((resolve) => setTimeout(resolve, 50))
    files.slow = 5
    const before = { ...files.counts }
    await Promise.all(Array.from({ length: 64 }, (_, i) => writer.trialEnded(endOf(3 + i))))
    expect(files.counts.datasync - before.datasync).toBe(1)
    expect(files.counts.append - before.append).toBe(1)
    await writer.finish({ status: 'finished' })
  })

  it('what arrives while a sync is under way shares the next one', async () => {
    const { files, writer } = await setUp()
    files.slow = 20
    const before = files.counts.datasync
    const ends: Promise<void>[] = []
    for (let trial = 3; trial < 19; trial++) {
      void writer.trialStarted(startOf(trial))
      ends.push(writer.trialEnded(endOf(trial)))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await Promise.all(ends)
    expect(files.counts.datasync - before).toBeLessThanOrEqual(6)
    await writer.finish({ status: 'finished' })
  })

  it('is the same from the first to the ten-thousandth: operations and bytes', async () => {
    const directory = join(await temporaryDirectory(), 'runs')
    const files = new FaultyFiles()
    const store = await openStore(directory, { files })
    const writer = await store.createSweep(sweepOf())
    const costs: { appends: number; syncs: number; bytes: number }[] = []
    const total = 10_000
    let next = 0
    for (let thousand = 1000; thousand <= total; thousand += 1000) {
      const before = { ...files.counts }
      const until = async () => {
        while (next < thousand) {
          const trial = next++
          void writer.trialStarted(startOf(trial))
          await writer.trialEnded(endOf(trial, 0.5))
        }
      }
      await Promise.all(Array.from({ length: 8 }, until))
      costs.push({
        appends: files.counts.append - before.append,
        syncs: files.counts.datasync - before.datasync,
        bytes: files.counts.bytes - before.bytes,
      })
    }
    await writer.finish({ status: 'finished' })
    const [first, last] = [costs[0], costs.at(-1)!]
    expect(last.appends).toBeLessThan(first.appends * 1.5 + 10)
    expect(last.syncs).toBeLessThan(first.syncs * 1.5 + 10)
    expect(last.bytes).toBeLessThan(first.bytes * 1.1)
    expect((await store.trials(writer.id)).length).toBe(total)
    expect((await store.sweeps())[0].trials.finished).toBe(total)
  })
})
