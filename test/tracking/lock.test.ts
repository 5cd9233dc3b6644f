import { spawn } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/tracking/index.js'
import { readHolder, takeLock } from '../../src/tracking/lock.js'
import { runTrials, sweepOf } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'

const noLoss = () => {}

async function leftBy(directory: string, holder: object): Promise<void> {
  const complete = { pid: 1, host: hostname(), since: '2026-01-01T00:00:00.000Z', born: null, space: null }
  await mkdir(join(directory, 'lock'))
  await writeFile(join(directory, 'lock', 'abcdef.json'), JSON.stringify({ ...complete, ...holder }))
}

/** A process number that was just given back. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => child.on('exit', resolve))
  return child.pid!
}

describe('the lock of a sweep', () => {
  it('says who holds it, from the moment it is there', async () => {
    const directory = await temporaryDirectory()
    const lock = await takeLock(directory, 'abc', noLoss)
    const [file] = await readdir(join(directory, 'lock'))
    expect(JSON.parse(await readFile(join(directory, 'lock', file), 'utf8'))).toMatchObject({
      pid: process.pid,
      host: hostname(),
    })
    expect(readHolder(directory)).toMatchObject({ alive: true, holder: { pid: process.pid } })
    await expect(takeLock(directory, 'abc', noLoss)).rejects.toThrow(
      new RegExp(`sweep abc is being written by process ${process.pid} on ${hostname()}`),
    )
    await lock.release()
    expect(readHolder(directory)).toBeNull()
    expect(await readdir(directory)).toEqual([])
  })

  it('of a process that is gone is taken over at once', async () => {
    const directory = await temporaryDirectory()
    const { holder } = await takeLock(directory, 'abc', noLoss).then(async (lock) => {
      await lock.release()
      return lock
    })
    await leftBy(directory, { pid: await deadPid(), space: holder.space })
    expect(readHolder(directory)?.alive).toBe(false)
    const began = performance.now()
    const lock = await takeLock(directory, 'abc', noLoss)
    expect(performance.now() - began).toBeLessThan(1000)
    await lock.release()
  })

  it.runIf(process.platform === 'linux')(
    'of a process whose number another has now is taken over',
    async () => {
      const directory = await temporaryDirectory()
      const first = await takeLock(directory, 'abc', noLoss)
      await first.release()
      await leftBy(directory, { ...first.holder, born: '1' })
      expect(readHolder(directory)?.alive).toBe(false)
      await leftOver(directory)
      await leftBy(directory, { ...first.holder })
      expect(readHolder(directory)?.alive).toBe(true)
    },
  )

  it('of another machine is taken over only where it is not refreshed while it is watched, whatever the clocks say', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'lock')
    const watched: string[] = []
    const options = { watchFor: 600, onWatch: (why: string) => watched.push(why) }
    for (const minutes of [0, -5, 60]) {
      await leftBy(directory, { host: 'elsewhere' })
      const at = new Date(Date.now() - minutes * 60_000)
      await utimes(path, at, at)
      const refresh = setTimeout(() => utimes(path, at, new Date(at.getTime() + 2000)), 300)
      await expect(takeLock(directory, 'abc', noLoss, options)).rejects.toThrow(
        /process 1 on elsewhere since 2026-01-01/,
      )
      clearTimeout(refresh)
      const lock = await takeLock(directory, 'abc', noLoss, options)
      await lock.release()
    }
    expect(watched.length).toBe(6)
    expect(watched[0]).toMatch(/process 1 on elsewhere, which cannot be asked/)
  })

  it('of another machine that ends while it is watched is taken at once', async () => {
    const directory = await temporaryDirectory()
    await leftBy(directory, { host: 'elsewhere' })
    const taken = takeLock(directory, 'abc', noLoss, {
      watchFor: 1e6,
      onWatch: () => void rm(join(directory, 'lock'), { recursive: true }),
    })
    await (await taken).release()
  })

  it('does not hold in a copy of the store, and goes on holding in the store itself', async () => {
    const top = await temporaryDirectory()
    const store = await openStore(join(top, 'runs'))
    const writer = await store.createSweep(sweepOf())
    await runTrials(writer, 0, 2)
    await cp(store.directory, join(top, 'copy'), { recursive: true })
    await symlink(store.directory, join(top, 'same'))
    const copy = await openStore(join(top, 'copy'))
    expect((await copy.run(writer.id)).status).toBe('interrupted')
    const again = await copy.resumeSweep(writer.id, { conditions: {} })
    await runTrials(again, 2, 4)
    await again.finish({ status: 'finished' })
    const same = await openStore(join(top, 'same'))
    expect((await same.run(writer.id)).status).toBe('running')
    await expect(same.resumeSweep(writer.id, { conditions: {} })).rejects.toMatchObject({
      code: 'SWEEP_LOCKED',
    })
    await runTrials(writer, 2, 3)
    await writer.finish({ status: 'finished' })
  })

  it('is not broken for its age alone where the process can be asked', async () => {
    const directory = await temporaryDirectory()
    const lock = await takeLock(directory, 'abc', noLoss)
    const hourAgo = new Date(Date.now() - 3_600_000)
    await utimes(join(directory, 'lock'), hourAgo, hourAgo)
    await expect(takeLock(directory, 'abc', noLoss)).rejects.toMatchObject({ code: 'SWEEP_LOCKED' })
    await lock.release()
  })

  it('left empty or unreadable does not stand in the way for ever', async () => {
    const directory = await temporaryDirectory()
    await mkdir(join(directory, 'lock'))
    const lock = await takeLock(directory, 'abc', noLoss)
    await lock.release()
    await mkdir(join(directory, 'lock'))
    await writeFile(join(directory, 'lock', 'abcdef.json'), '')
    const watched: string[] = []
    const options = { watchFor: 100, onWatch: (why: string) => watched.push(why) }
    await (await takeLock(directory, 'abc', noLoss, options)).release()
    expect(watched[0]).toMatch(/an unknown machine/)
  })

  it('half made by a process that died is cleared away by the next writer, that of a living one is not', async () => {
    const store = await openStore(join(await temporaryDirectory(), 'runs'))
    const writer = await store.createSweep(sweepOf())
    await writer.finish({ status: 'interrupted' })
    const directory = join(store.directory, 'sweeps', writer.id)
    const prepare = async (name: string, holder: object | null) => {
      await mkdir(join(directory, name))
      if (holder) await writeFile(join(directory, name, 'abc.json'), JSON.stringify(holder))
    }
    const again = await store.resumeSweep(writer.id, { conditions: {} })
    const { holder } = readHolder(directory)!
    await again.finish({ status: 'interrupted' })
    await prepare('.lock-living', holder)
    await prepare('.lock-dead', { ...holder, pid: await deadPid(), born: '1' })
    await prepare('.lock-unsaid', null)
    await prepare('.lock-long-unsaid', null)
    const long = new Date(Date.now() - 60_000)
    await utimes(join(directory, '.lock-long-unsaid'), long, long)
    await store.tag(writer.id, { a: 'b' })
    const left = (await readdir(directory)).filter((name) => name.startsWith('.'))
    expect(left.sort()).toEqual(['.lock-living', '.lock-unsaid'])
  })

  it('goes to one of many that find its holder dead', async () => {
    const pid = await deadPid()
    for (let round = 0; round < 5; round++) {
      const directory = await temporaryDirectory()
      const probe = await takeLock(directory, 'abc', noLoss)
      await probe.release()
      await leftBy(directory, { pid, space: probe.holder.space })
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, () => takeLock(directory, 'abc', noLoss)),
      )
      const won = outcomes.filter((outcome) => outcome.status === 'fulfilled')
      expect(won.length).toBe(1)
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'SWEEP_LOCKED' })
      }
      await won[0].value.release()
      expect(await readdir(directory)).toEqual([])
    }
  })

  it('that was taken away stops the writing', async () => {
    const directory = join(await temporaryDirectory(), 'runs')
    const store = await openStore(directory)
    const writer = await store.createSweep(sweepOf())
    await runTrials(writer, 0, 2)
    await rename(join(directory, 'sweeps', writer.id, 'lock'), join(directory, 'lock-taken'))
    const path = join(directory, 'sweeps', writer.id, 'journal.jsonl')
    const before = await readFile(path)
    const failure = await runTrials(writer, 2, 3).catch((error) => error)
    expect(failure).toMatchObject({ code: 'SWEEP_LOCKED' })
    expect(await readFile(path)).toEqual(before)
    await expect(writer.finish({ status: 'failed' })).rejects.toMatchObject({ code: 'SWEEP_LOCKED' })
    const reader = await openStore(directory)
    expect((await reader.run(writer.id)).status).toBe('interrupted')
  })
})

async function leftOver(directory: string): Promise<void> {
  await rename(join(directory, 'lock'), join(directory, `was-${Math.floor(performance.now() * 1000)}`))
}
