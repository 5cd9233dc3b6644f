/** What belongs to each start of a sweep. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sweep } from '../../src/index.js'
import { allChangesSince } from '../../src/launch/changes.js'
import { prepareAsked } from '../../src/launch/launch.js'
import { askedFromRecord } from '../../src/launch/record.js'
import { keepDiff, opened } from '../../src/launch/session.js'
import { openStore, type ParentRun } from '../../src/tracking/index.js'
import type { JsonObject } from '../../src/values.js'
import { sweepOf } from '../laws/store.js'
import { sweepFile, temporaryDirectory, wineKnn } from './support.js'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const freshStore = async () => openStore(join(await temporaryDirectory(), 'runs'))

describe('the start of a session', () => {
  it('lets go of a sweep that it cannot go on with', async () => {
    const store = await freshStore()
    const writer = await store.createSweep(sweepOf())
    const failing = opened(writer, () => Promise.reject(new Error('the disk is full')))
    await expect(failing).rejects.toThrow('the disk is full')
    expect((await store.sweeps())[0].status).toBe('interrupted')
    await (await store.resumeSweep(writer.id, { conditions: {} })).finish({ status: 'finished' })
  })

  it('keeps what differs from the commit once for every state, also where a crash lost the first', async () => {
    const store = await freshStore()
    const writer = await store.createSweep(sweepOf())
    const names = async () => (await store.sweeps())[0].artifacts.map(({ name }) => name)
    const begin = async (session: number, diff: string | null) =>
      keepDiff(writer, diff, session, (await store.sweeps())[0].artifacts)
    await begin(2, '+one')
    await begin(3, '+one')
    await begin(4, null)
    expect(await names()).toEqual(['git-session-2.diff'])
    await begin(5, '+two')
    await begin(6, '+one')
    expect(await names()).toEqual(['git-session-2.diff', 'git-session-5.diff'])
    await keepDiff(writer, '+three')
    expect(await names()).toContain('git.diff')
    await writer.finish({ status: 'finished' })
  })
})

describe('what has changed since a run', () => {
  it('is told of the sessions in which it was trained, each change once', async () => {
    const { file, store } = await sweepFile({ ...wineKnn, search: { trials: 2, algorithm: 'random' } })
    const { run } = await sweep(file, { store, workers: 1 })
    const parent = (await (await openStore(store)).run(run)) as Mutable<ParentRun>
    const prepared = await prepareAsked(
      await askedFromRecord(parent, {}, { store, refused: 'REPRODUCE_REFUSED' }),
      await openStore(store),
    )
    const session = (conditions: JsonObject) => ({ started: parent.started, done: 0, conditions })
    const then: JsonObject = {
      node: 'v20.0.0',
      lockfile: { name: 'package-lock.json', sha256: 'aa' },
      git: { commit: 'c0ffee', dirty: true, branch: 'main' },
      environment: { OMP_NUM_THREADS: '1' },
      commandLine: ['sweep'],
    }
    const changes = (now: JsonObject, sessions = [session(then)], diff: string | null = null) =>
      allChangesSince(parent, prepared, { conditions: now, diff }, sessions)
    expect(await changes({ ...then, commandLine: ['reproduce'], cpus: 96 })).toEqual([])
    const now = {
      ...then,
      node: 'v22.0.0',
      lockfile: { name: 'package-lock.json', sha256: 'bb' },
      git: { commit: 'decade', dirty: false, branch: 'other' },
      environment: {},
    }
    const expected = [
      'node was "v20.0.0" and is "v22.0.0"',
      'environment.OMP_NUM_THREADS was "1" and is not recorded',
      'lockfile.sha256 was "aa" and is "bb"',
      'git.commit was "c0ffee" and is "decade"',
      'git.dirty was true and is false',
    ]
    expect(await changes(now)).toEqual(expected)
    expect(await changes(now, [session(then), session(now), session(then)])).toEqual(expected)
    expect(await changes(now, [session(now)])).toEqual([])
    // Git took too long, or is not there.
    expect(await changes({ ...then, git: null })).toEqual([])
    expect(await changes({ ...then, git: { commit: 'c0ffee', dirty: null, branch: 'main' } })).toEqual([])
    const diff = ['what git diff says is not what was recorded']
    parent.artifacts = []
    expect(await changes(then, [session(then)], '+a line')).toEqual([])
    parent.artifacts = [{ name: 'git.diff', bytes: 7, sha256: 'of another' }]
    expect(await changes(then, [session(then)], '+a line')).toEqual(diff)
  })
})
