import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeFileSystem } from '../../src/tracking/file-system.js'
import { openStore } from '../../src/tracking/index.js'
import { findStore } from '../../src/tracking/layout.js'
import { runTrials, storeLaws, sweepOf } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'
import { FaultyFiles } from './faulty-files.js'

storeLaws('files', async () => {
  const directory = join(await temporaryDirectory(), 'deep', 'runs')
  return {
    store: await openStore(directory),
    reopen: () => openStore(directory),
    clear: () => rm(directory, { recursive: true, force: true }),
  }
})

describe('a store on the disk', () => {
  it('is missed only when something is asked of it', async () => {
    const directory = join(await temporaryDirectory(), 'nothing')
    const store = await openStore(directory)
    await expect(store.sweeps()).rejects.toMatchObject({ code: 'STORE_MISSING' })
    await expect(store.bestRun()).rejects.toThrow(/espalier sweep SPACE\.json/)
  })

  it('is not a file, nor a directory with other things in it', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'thesis.txt'), 'mine')
    await expect(openStore(directory)).rejects.toThrow(/holds thesis\.txt/)
    await expect(openStore(join(directory, 'thesis.txt'))).rejects.toMatchObject({ code: 'STORE_INVALID' })
    await expect(openStore(join(directory, 'thesis.txt', 'below'))).rejects.toMatchObject({
      code: 'STORE_INVALID',
    })
    await writeFile(join(directory, 'store.json'), '{"format":"somebody-else"}')
    await expect(openStore(directory)).rejects.toThrow(/store\.json must say/)
    expect(await readFile(join(directory, 'thesis.txt'), 'utf8')).toBe('mine')
  })

  it('of a newer version is left alone', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'store.json'), '{"format":"espalier-store","version":2}')
    await expect(openStore(directory)).rejects.toThrow(/version 2, this program knows 1\)\. Update Espalier/)
  })

  it('of an older version is brought up step by step', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'store.json'), '{"format":"espalier-store","version":1}')
    const done: number[] = []
    const steps = {
      1: async () => void done.push(1),
      2: async (_: unknown, store: string) => {
        done.push(2)
        await mkdir(join(store, 'new'), { recursive: true })
      },
    }
    expect(await findStore(nodeFileSystem, directory, steps, 3)).toBe(true)
    expect(done).toEqual([1, 2])
    expect(JSON.parse(await readFile(join(directory, 'store.json'), 'utf8')).version).toBe(3)
    await expect(findStore(nodeFileSystem, directory, {}, 4)).rejects.toMatchObject({ code: 'STORE_VERSION' })
  })

  it('passes over foreign files, and says so', async () => {
    const directory = join(await temporaryDirectory(), 'runs')
    const warnings: string[] = []
    const store = await openStore(directory, { onWarning: (warning) => warnings.push(warning) })
    const writer = await store.createSweep(sweepOf())
    await runTrials(writer, 0, 1)
    await writer.finish({ status: 'finished' })
    await writeFile(join(directory, 'sweeps', 'notes.txt'), 'hello')
    await mkdir(join(directory, 'sweeps', 'holiday'))
    await mkdir(join(directory, 'sweeps', '0123456789abcdef'))
    expect((await store.sweeps()).length).toBe(1)
    await store.sweeps()
    expect(warnings.map((warning) => /[^/]+ is no sweep/.exec(warning)?.[0]).sort()).toEqual([
      'holiday is no sweep',
      'notes.txt is no sweep',
    ])
  })

  it('is nothing to git: it has an ignore file of its own, an older one gets it with the next record', async () => {
    const directory = join(await temporaryDirectory(), 'runs')
    const store = await openStore(directory)
    const writer = await store.createSweep(sweepOf())
    await writer.finish({ status: 'finished' })
    const file = join(directory, '.gitignore')
    expect(await readFile(file, 'utf8')).toBe('*\n')
    await rm(file)
    await (await openStore(directory)).tag(writer.id, { a: 'b' })
    expect(await readFile(file, 'utf8')).toBe('*\n')
    await writeFile(file, '')
    await store.tag(writer.id, { a: 'c' })
    expect(await readFile(file, 'utf8')).toBe('')
  })

  it.skipIf(process.platform === 'win32')('is no link that leads nowhere', async () => {
    const top = await temporaryDirectory()
    await symlink(join(top, 'gone'), join(top, 'runs'))
    await expect(openStore(join(top, 'runs'))).rejects.toThrow(/is a link that leads nowhere \(to .*gone\)/)
  })

  it('that is read-only says so, and what can still be done', async () => {
    const directory = join(await temporaryDirectory(), 'runs')
    const files = new FaultyFiles()
    const store = await openStore(directory, { files })
    const writer = await store.createSweep(sweepOf())
    await writer.finish({ status: 'finished' })
    files.fail = { makeDirectory: 'EROFS' }
    await expect(store.createSweep(sweepOf())).rejects.toThrow(
      /the file system is read-only \(EROFS\).*What it holds can still be listed/,
    )
    expect((await store.sweeps()).length).toBe(1)
  })

  it('is readable by people: a JSON object a line', async () => {
    const directory = join(await temporaryDirectory(), 'runs')
    const store = await openStore(directory)
    const writer = await store.createSweep(sweepOf())
    await runTrials(writer, 0, 2)
    await writer.finish({ status: 'finished' })
    const text = await readFile(join(directory, 'sweeps', writer.id, 'journal.jsonl'), 'utf8')
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ event, trial }) => [event, trial])).toEqual([
      ['journal', undefined],
      ['created', undefined],
      ['started', 0],
      ['ended', 0],
      ['started', 1],
      ['ended', 1],
      ['finished', undefined],
    ])
    expect(events[2].run).toBe(writer.childId(0))
  })

  it('forgets what was deleted, on the disk too, and compacts journals that grew without need', async () => {
    const directory = join(await temporaryDirectory(), 'runs')
    const store = await openStore(directory)
    const writer = await store.createSweep(sweepOf())
    await runTrials(writer, 0, 3)
    for (let i = 0; i < 300; i++) await writer.annotate(1, { tags: { count: String(i) } })
    const before = await store.trials(writer.id)
    await writer.finish({ status: 'finished' })
    const path = join(directory, 'sweeps', writer.id, 'journal.jsonl')
    expect((await readFile(path, 'utf8')).split('\n').length).toBeLessThan(10)
    expect(await store.trials(writer.id)).toEqual(before)
    await store.delete(writer.childId(2))
    expect(await readFile(path, 'utf8')).not.toContain(writer.childId(2))
    const again = await store.resumeSweep(writer.id, { conditions: {} })
    await runTrials(again, 3, 6)
    await again.finish({ status: 'finished' })
    expect((await store.trials(writer.id)).map((run) => run.trial)).toEqual([0, 1, 3, 4, 5])
    expect((await store.sweeps())[0].trials.finished).toBe(5)
  })

  it('notices an artifact that was changed or taken away', async () => {
    const store = await openStore(join(await temporaryDirectory(), 'runs'))
    const writer = await store.createSweep(sweepOf())
    await runTrials(writer, 0, 1)
    await writer.artifact(0, 'model.json', '{"tree":1}')
    await writer.finish({ status: 'finished' })
    const path = store.artifactPath(writer.childId(0), 'model.json')
    await writeFile(path, '{"tree":9}')
    await expect(store.readArtifact(writer.childId(0), 'model.json')).rejects.toThrow(/was changed after/)
    await rm(path)
    await expect(store.readArtifact(writer.childId(0), 'model.json')).rejects.toThrow(/the file is gone/)
  })
})

describe('a store with many sweeps', () => {
  it('is not searched again for each trial of a sweep that was asked for', async () => {
    const directory = join(await temporaryDirectory(), 'runs')
    const files = new FaultyFiles()
    const store = await openStore(directory, { files })
    const writer = await store.createSweep(sweepOf())
    await runTrials(writer, 0, 3)
    await writer.artifact(1, 'model.json', 'one')
    await writer.finish({ status: 'finished' })
    const costs: number[] = []
    const costOf = async (act: () => Promise<unknown>) => {
      const sum = () => Object.values(files.reads).reduce((total, count) => total + count, 0)
      const before = sum()
      await act()
      return sum() - before
    }
    for (const more of [0, 15]) {
      for (let i = 0; i < more; i++) await (await store.createSweep(sweepOf())).finish({ status: 'finished' })
      const again = await openStore(directory, { files })
      const [, one] = await again.trials(writer.id)
      costs.push(await costOf(() => again.run(one.id)), await costOf(() => again.tag(one.id, { a: 'b' })))
      expect(await costOf(() => again.readArtifact(one, 'model.json'))).toBe(1)
    }
    expect(costs.slice(2)).toEqual(costs.slice(0, 2))
  })
})
