/** Nothing in a store is followed through a link: not for reading, and least of all for deleting. */
import { execFileSync } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/tracking/index.js'
import { runTrials, sweepOf } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'

async function setUp() {
  const top = await temporaryDirectory()
  const outside = join(top, 'photos')
  for (const year of ['2023', '2024']) {
    await mkdir(join(outside, year), { recursive: true })
    await writeFile(join(outside, year, 'one.json'), 'mine')
  }
  const store = await openStore(join(top, 'runs'))
  const writer = await store.createSweep(sweepOf())
  await runTrials(writer, 0, 3)
  await writer.artifact(1, 'model.json', 'one')
  await writer.artifact(2, 'model.json', 'two')
  await writer.finish({ status: 'finished' })
  const sweep = join(store.directory, 'sweeps', writer.id)
  return { top, outside, store, id: writer.id, child: writer.childId.bind(writer), sweep }
}

/** Puts a link in the place of something; what was there lies where the link leads. */
async function linked(path: string, target: string): Promise<void> {
  await rename(path, target)
  await symlink(target, path)
}

const isUntouched = async (outside: string) => {
  for (const year of ['2023', '2024'])
    expect(await readFile(join(outside, year, 'one.json'), 'utf8')).toBe('mine')
}

describe.skipIf(process.platform === 'win32')('a link in a store', () => {
  it('in the place of the artifacts deletes nothing where it leads, whatever is done', async () => {
    const { outside, store, id, child, sweep } = await setUp()
    await store.delete(child(0))
    await rm(join(sweep, 'artifacts'), { recursive: true })
    await symlink(outside, join(sweep, 'artifacts'))
    const tasks = [
      () => store.tag(id, { a: 'b' }),
      () => store.delete(child(1)),
      () => store.resumeSweep(id, { conditions: {} }),
      () => store.readArtifact(child(2), 'model.json'),
      () => store.delete(id),
    ]
    for (const task of tasks) {
      await task().catch((error) => {
        expect(error).toMatchObject({
          code: 'STORE_INVALID',
          message: expect.stringContaining(join(sweep, 'artifacts')),
        })
      })
      await isUntouched(outside)
    }
    expect((await readdir(outside)).sort()).toEqual(['2023', '2024'])
  })

  it('in the place of anything else is told, and nothing is read through it', async () => {
    const { top, store, id, child, sweep } = await setUp()
    const places: Record<string, () => Promise<unknown>> = {
      'artifacts/2/model.json': () => store.readArtifact(child(2), 'model.json'),
      'artifacts/1': () => store.readArtifact(child(1), 'model.json'),
      'journal.jsonl': () => store.trials(id),
    }
    for (const [place, read] of Object.entries(places)) {
      const path = join(sweep, place)
      await linked(path, join(top, 'elsewhere'))
      await expect(read(), place).rejects.toMatchObject({
        code: 'STORE_INVALID',
        message: expect.stringContaining(`${path} is one`),
      })
      expect(await store.sizes(), place).toMatchObject([{ sweep: id }])
      await rm(path)
      await rename(join(top, 'elsewhere'), path)
      await read()
    }
  })

  it('in the place of a sweep, of all sweeps or of the store file is not followed', async () => {
    const { top, store, id, sweep } = await setUp()
    await linked(sweep, join(top, 'elsewhere'))
    expect(await store.sweeps()).toEqual([])
    expect(store.warnings.join()).toContain(`${sweep} is no sweep`)
    await expect(store.delete(id)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
    expect((await readdir(join(top, 'elsewhere'))).length).toBeGreaterThan(2)
    await linked(join(store.directory, 'sweeps'), join(top, 'all'))
    await expect(store.sweeps()).rejects.toMatchObject({ code: 'STORE_INVALID' })
    await expect(store.createSweep(sweepOf())).rejects.toMatchObject({ code: 'STORE_INVALID' })
    await linked(join(store.directory, 'store.json'), join(top, 'marker'))
    await expect(openStore(store.directory)).rejects.toMatchObject({ code: 'STORE_INVALID' })
  })

  it('in the place of a lock breaks no file where it leads; in that of a snapshot is passed over', async () => {
    const { top, outside, store, id, sweep } = await setUp()
    await symlink(join(outside, '2023'), join(sweep, 'lock'))
    await symlink(join(outside, '2024'), join(sweep, '.lock-abc'))
    for (const task of [() => store.tag(id, { a: 'b' }), () => store.delete(id), () => store.trials(id)])
      await expect(task()).rejects.toMatchObject({ code: 'STORE_INVALID' })
    await isUntouched(outside)
    await rm(join(sweep, 'lock'))
    await linked(join(sweep, 'snapshot.json'), join(top, 'snapshot.json'))
    const before = await readFile(join(top, 'snapshot.json'))
    await store.tag(id, { a: 'b' })
    expect(await readFile(join(top, 'snapshot.json'))).toEqual(before)
    await isUntouched(outside)
  })

  it('to the store as a whole is followed', async () => {
    const { top, store, id } = await setUp()
    await symlink(store.directory, join(top, 'runs-link'))
    const again = await openStore(join(top, 'runs-link'))
    await again.tag(id, { seen: 'yes' })
    expect((await store.sweeps())[0].tags).toEqual({ seen: 'yes' })
  })

  it('nor does anything that is no plain file hold it up', async () => {
    const { store, id, sweep } = await setUp()
    await rm(join(sweep, 'journal.jsonl'))
    execFileSync('mkfifo', [join(sweep, 'journal.jsonl')])
    await expect(store.trials(id)).rejects.toMatchObject({ code: 'STORE_INVALID' })
    expect(await store.sweeps()).toEqual([])
    expect(store.warnings.join()).toContain('a device, a pipe or a socket')
  })
})

describe('what a deletion takes', () => {
  it('is on the record: a folder that happens to be called as a trial stays', async () => {
    const { store, id, child, sweep } = await setUp()
    for (const name of ['2023', '0']) await mkdir(join(sweep, 'artifacts', name))
    await store.tag(id, { a: 'b' })
    await store.delete(child(1))
    expect((await readdir(join(sweep, 'artifacts'))).sort()).toEqual(['0', '2', '2023'])
    // Left by a crash after the record of the deletion.
    await mkdir(join(sweep, 'artifacts', '1'))
    await store.tag(id, { a: 'c' })
    expect((await readdir(join(sweep, 'artifacts'))).sort()).toEqual(['0', '2', '2023'])
  })

  it('is what its name says: whatever else lies among the sweeps stays', async () => {
    const { store, id, sweep } = await setUp()
    const sweeps = join(store.directory, 'sweeps')
    await mkdir(join(sweeps, '.deleted-photos'))
    // An earlier deletion that was cut short, of the same sweep: it was put back from a copy.
    await cp(sweep, join(sweeps, `.deleted-${id}`), { recursive: true })
    await store.delete(id)
    expect(await readdir(sweeps)).toEqual(['.deleted-photos'])
  })

  it('is told with who took it and when', async () => {
    const { store, id, child } = await setUp()
    await store.delete(child(1))
    const [parent] = await (await openStore(store.directory)).sweeps()
    expect(parent.deleted).toEqual([
      {
        trial: 1,
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        by: { user: userInfo().username, host: hostname() },
      },
    ])
    expect((await store.trials(id)).map(({ trial }) => trial)).toEqual([0, 2])
  })
})
