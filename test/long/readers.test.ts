/** What readers see while others write: each operation of a reader in turn meets a store that has just changed. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isEspalierError } from '../../src/errors.js'
import { type FileSystem, nodeFileSystem, type OpenFile } from '../../src/tracking/file-system.js'
import { openStore, type RunStore } from '../../src/tracking/index.js'
import { runTrials, sweepOf } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'

/** What changes a store here is no power cut's prey: nothing waits for the disk. */
const quick: FileSystem = {
  ...nodeFileSystem,
  syncDirectory: async () => {},
  async open(path, how): Promise<OpenFile> {
    return { ...(await nodeFileSystem.open(path, how)), datasync: async () => {} }
  },
}

/** The real file system, where something happens before one of its operations. */
function interrupted(when: number, act: () => Promise<unknown>) {
  let operations = 0
  const before = async () => {
    if (operations++ === when) await act()
  }
  const watched =
    <A extends unknown[], R>(operation: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      await before()
      return operation(...args)
    }
  const files: FileSystem = {
    ...nodeFileSystem,
    readFile: watched(nodeFileSystem.readFile),
    list: watched(nodeFileSystem.list),
    stat: watched(nodeFileSystem.stat),
    async open(path, how): Promise<OpenFile> {
      await before()
      const file = await nodeFileSystem.open(path, how)
      return { ...file, read: watched(file.read), stat: watched(file.stat) }
    },
  }
  return { files, happened: () => operations > when }
}

let whole:
  | Promise<{ old: string; young: string; contents: readonly (readonly [string, Buffer])[] }>
  | undefined

/** A store of its own for every try: written from memory, without waiting for the disk. */
async function twoSweeps(directory: string) {
  whole ??= temporaryDirectory().then(async (top) => {
    const { store, ...ids } = await makeTwoSweeps(join(top, 'runs'))
    const names = readdirSync(store.directory, { recursive: true, encoding: 'utf8' })
    const plain = names.filter((name) => statSync(join(store.directory, name)).isFile())
    return { ...ids, contents: plain.map((name) => [name, readFileSync(join(store.directory, name))]) }
  })
  const { contents, ...ids } = await whole
  for (const [name, bytes] of contents) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), bytes)
  }
  return { store: await openStore(directory, { files: quick }), ...ids }
}

async function makeTwoSweeps(directory: string) {
  const store = await openStore(directory)
  const ids: string[] = []
  for (const experiment of ['old', 'new']) {
    const writer = await store.createSweep(sweepOf({ experiment }))
    await runTrials(writer, 0, 3)
    await writer.finish({ status: 'finished' })
    ids.push(writer.id)
  }
  return { store, old: ids[0], young: ids[1] }
}

/** What each read tells, as text. */
const reads: Record<string, (store: RunStore) => Promise<unknown>> = {
  'a list of sweeps': async (store) => (await store.sweeps()).map(({ id, trials }) => [id, trials]),
  'all trials': async (store) => (await store.runs()).map(({ id, value }) => [id, value]),
  'trials that are sought': async (store) =>
    (await store.runs({ where: 'metrics.accuracy > 0.05', orderBy: 'value desc' })).map(({ id }) => id),
  'the best': async (store) => (await store.bestRun()).id,
  'an export': (store) => store.exportRuns({}, 'csv'),
  'the experiments': (store) => store.experiments(),
}

const changes: Record<string, (store: RunStore, sweep: string) => Promise<unknown>> = {
  'a sweep was deleted': (store, sweep) => store.delete(sweep),
  'a trial was deleted': async (store, sweep) => store.delete((await store.trials(sweep))[2].id),
  'a sweep went on': async (store, sweep) => {
    const writer = await store.resumeSweep(sweep, { conditions: {} })
    await runTrials(writer, 3, 5)
    await writer.finish({ status: 'finished' })
  },
}

describe('a reader, whenever it is', () => {
  for (const [change, act] of Object.entries(changes)) {
    it(`sees what was or what is, where meanwhile ${change}`, async () => {
      for (const [name, read] of Object.entries(reads)) {
        const before = await read((await twoSweeps(join(await temporaryDirectory(), 'runs'))).store)
        for (let when = 0; ; when++) {
          const directory = join(await temporaryDirectory(), 'runs')
          const { store, old } = await twoSweeps(directory)
          const { files, happened } = interrupted(when, () => act(store, old))
          const reader = await openStore(directory, { files })
          const found = await read(reader)
          if (!happened()) break
          const after = await read(await openStore(directory))
          expect([before, after], `${name}, operation ${when}`).toContainEqual(found)
          expect(reader.warnings, `${name}, operation ${when}`).toEqual([])
        }
      }
    })
  }

  it('is told that a run is none, where it was deleted in that moment', async () => {
    const asks: ((store: RunStore, sweep: string) => Promise<unknown>)[] = [
      (store, sweep) => store.trials(sweep),
      (store, sweep) => store.run(sweep),
      (store, sweep) => store.delete(sweep),
      (store, sweep) => store.tag(sweep, { a: 'b' }),
      (store, sweep) => store.resumeSweep(sweep, { conditions: {} }),
    ]
    for (const ask of asks) {
      for (let when = 0; ; when++) {
        const directory = join(await temporaryDirectory(), 'runs')
        const { store, old } = await twoSweeps(directory)
        const { files, happened } = interrupted(when, () => store.delete(old).catch(() => {}))
        const error = await ask(await openStore(directory, { files }), old).then(
          () => null,
          (error) => error,
        )
        if (!happened()) break
        // Whoever writes it has the lock: then it is not deleted.
        if (error !== null) expect(error, `operation ${when}`).toMatchObject({ code: 'RUN_UNKNOWN' })
      }
    }
  })

  it('passes over a sweep whose journal is damaged, with a warning, unless it asked for that one', async () => {
    const directory = join(await temporaryDirectory(), 'runs')
    const { store, old, young } = await twoSweeps(directory)
    const journal = join(directory, 'sweeps', old, 'journal.jsonl')
    const text = Buffer.from(await nodeFileSystem.readFile(journal)).toString()
    await writeFile(journal, text.replace('"event":"started","trial":1', '"event":"started","trial":7'))
    expect((await store.runs()).map(({ parent }) => parent)).toEqual([young, young, young])
    expect((await store.bestRun()).parent).toBe(young)
    expect(store.warnings.join('\n')).toMatch(/line \d+ was changed/)
    for (const read of [() => store.runs({ sweep: old }), () => store.bestRun({ sweep: old })])
      await expect(read()).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    await rm(journal)
    expect((await store.runs()).length).toBe(3)
    expect(isEspalierError(await store.trials(old).catch((error) => error))).toBe(true)
  })
})
