/** A sweep on a server: once and whole, wherever either side breaks off. */
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { syncMlflow } from '../../../src/exchange/index.js'
import { sweep } from '../../../src/launch/index.js'
import { openStore, type ParentRun, type RunStore } from '../../../src/tracking/index.js'
import { temporaryFolder } from '../../temporary.js'
import { expectedTrial, sorted } from './expected.js'
import { type FakeRun, type FakeServer, type Fault, fakeServer } from './fake-server.js'

const servers: FakeServer[] = []
afterAll(async () => {
  for (const server of servers) await server.close()
})

async function newServer(): Promise<FakeServer> {
  const server = await fakeServer()
  servers.push(server)
  return server
}

/** A sweep over an objective that reports by step; trial 1 fails, one is pruned. */
async function newSweep(trials = 4): Promise<{ store: RunStore; id: string }> {
  const directory = join(temporaryFolder(), 'store')
  const { run } = await sweep(
    {
      name: 'steps: ½',
      objective: { metric: 'loss', direction: 'minimize' },
      parameters: { x: { type: 'float', min: 0, max: 1 }, kind: { type: 'categorical', values: ['a', 'b'] } },
      search: { algorithm: 'random', trials, seed: 3 },
    },
    {
      store: directory,
      workers: 1,
      run: async ({ x }, { report, trial }) => {
        for (let step = 0; step < 3; step++) await report(step, { loss: x / (step + 1) })
        if (trial === 1) throw new Error('this one fails')
        return { loss: x, cost: 2 * x }
      },
    },
  )
  return { store: await openStore(directory), id: run }
}

const env = { NO_PROXY: '*' }
const quick = { retries: 0, pause: 1, env }

function found(run: FakeRun) {
  const rows = [...run.metrics.values()].map(
    ({ key, step, timestamp, value }) => [key, step, timestamp, Number(value)] as const,
  )
  return {
    status: run.status,
    started: run.started,
    ended: run.ended,
    params: Object.fromEntries(run.params),
    metrics: sorted(rows),
    files: [...run.files.keys()].sort(),
  }
}

/** All runs that are there and not deleted are those of the sweep, once each and whole. */
async function expectWhole(server: FakeServer, store: RunStore, id: string): Promise<void> {
  const parent = (await store.run(id)) as ParentRun
  const active = [...server.runs.values()].filter(({ isDeleted }) => !isDeleted)
  const trials = await store.trials(id)
  expect(active.map(({ tags }) => tags.get('espalier.run')).sort()).toEqual(
    [id, ...trials.map((run) => run.id)].sort(),
  )
  const top = active.find(({ tags }) => tags.get('espalier.role') === 'sweep')!
  expect(top.status).toBe('FINISHED')
  expect(top.tags.get('espalier.bestValue')).toBe(String(parent.best!.value))
  const best = active.find(({ tags }) => tags.get('espalier.run') === parent.best!.run)!
  expect(top.tags.get('espalier.bestMlflowRun')).toBe(best.id)
  const values = [...top.metrics.values()]
    .filter(({ key }) => key === 'objective/loss')
    .sort((a, b) => a.step - b.step)
  expect(values.at(-1)!.value).toBe(parent.best!.value)
  for (const trial of trials) {
    const there = active.find(({ tags }) => tags.get('espalier.run') === trial.id)!
    const { tags, ...expected } = expectedTrial(trial, parent)
    expect(found(there)).toEqual(expected)
    expect(Object.fromEntries(there.tags)).toMatchObject({ ...tags, 'mlflow.parentRunId': top.id })
  }
}

describe('sync', () => {
  it('sends a sweep with all trials, and then looks once whether it is still there', async () => {
    const [server, { store, id }] = [await newServer(), await newSweep()]
    const { sweeps } = await syncMlflow(store, [id], { ...quick, url: server.url })
    expect(sweeps).toEqual([{ sweep: id, runs: 5, sent: 5, problems: [], warnings: [] }])
    await expectWhole(server, store, id)
    const asked = server.asked.length
    await syncMlflow(store, [id], { ...quick, url: server.url })
    expect(server.asked.slice(asked)).toEqual(['runs/get'])
  })

  const kinds: readonly Fault[] = ['drop before', 'drop after', 'unavailable']
  for (const kind of kinds) {
    it(`goes on where a request failed (${kind}), at each of them`, async () => {
      const { store, id } = await newSweep()
      const whole = await newServer()
      await syncMlflow(store, [id], { ...quick, url: whole.url })
      // As many requests as it takes without faults, and those that look again what was done.
      for (let at = 0; at < whole.asked.length; at++) {
        const server = await newServer()
        server.fault = (number) => (number === at ? kind : null)
        const options = { ...quick, url: server.url }
        const first = await syncMlflow(store, [id], options)
        server.fault = null
        const again = await syncMlflow(store, [id], options)
        expect(again.sweeps[0], `request ${at}: ${whole.asked[at]}`).toMatchObject({ sent: 5, problems: [] })
        if (first.sweeps[0].sent < 5) expect(first.sweeps[0].problems[0].code).toBe('MLFLOW_UNREACHABLE')
        await expectWhole(server, store, id)
        await server.close()
      }
    })
  }

  it('holds each run once where the cursor was lost, or tells of another server', async () => {
    const [server, { store, id }] = [await newServer(), await newSweep()]
    const options = { ...quick, url: server.url }
    server.fault = (number) => (number > 12 ? 'drop after' : null)
    await syncMlflow(store, [id], options)
    server.fault = null
    const { rm } = await import('node:fs/promises')
    await rm(store.mirrorsOf(id), { recursive: true })
    await syncMlflow(store, [id], options)
    await expectWhole(server, store, id)
    // A server whose data base was made anew: what the cursor knows is not there.
    server.runs.clear()
    server.experiments.clear()
    await store.tag(id, { owner: 'me' })
    await syncMlflow(store, [id], options)
    await expectWhole(server, store, id)
  })

  it('says what a run is refused for, sends the others, and then this one', async () => {
    const [server, { store, id }] = [await newServer(), await newSweep()]
    let refused = 0
    server.fault = (_, path) =>
      path === 'runs/log-inputs' || path !== 'runs/log-batch' || refused++ !== 2 ? null : 'refuse'
    const options = { ...quick, url: server.url }
    const { sweeps } = await syncMlflow(store, [id], options)
    expect(sweeps[0]).toMatchObject({ runs: 5, sent: 4 })
    expect(sweeps[0].problems).toHaveLength(1)
    expect(sweeps[0].problems[0].message).toMatch(
      /did not take runs\/log-batch: INVALID_PARAMETER_VALUE: as it was told to/,
    )
    server.fault = null
    expect((await syncMlflow(store, [id], options)).sweeps[0]).toMatchObject({ sent: 5, problems: [] })
    await expectWhole(server, store, id)
  })

  it('keeps up with what changes later: tags, notes, deleted trials', async () => {
    const [server, { store, id }] = [await newServer(), await newSweep()]
    const options = { ...quick, url: server.url }
    const top = () => [...server.runs.values()].find(({ tags }) => tags.get('espalier.role') === 'sweep')!
    await syncMlflow(store, [id], options)
    await store.tag(id, { owner: 'me' })
    await store.note(id, 'a note')
    await syncMlflow(store, [id], options)
    expect(top().tags.get('owner')).toBe('me')
    expect(top().tags.get('mlflow.note.content')).toBe('a note')
    await store.tag(id, { owner: null })
    await store.note(id, '')
    const trials = await store.trials(id)
    const { best } = (await store.run(id)) as ParentRun
    await store.delete(best!.run)
    await syncMlflow(store, [id], options)
    expect([...top().tags.keys()]).not.toContain('owner')
    expect([...top().tags.keys()]).not.toContain('mlflow.note.content')
    const gone = [...server.runs.values()].filter(({ isDeleted }) => isDeleted)
    expect(gone.map(({ tags }) => tags.get('espalier.run'))).toEqual([best!.run])
    expect(trials).toHaveLength(4)
    await expectWhole(server, store, id)
  })

  it('leaves what somebody deleted on the server, and says so', async () => {
    const [server, { store, id }] = [await newServer(), await newSweep()]
    const options = { ...quick, url: server.url }
    await syncMlflow(store, [id], options)
    const one = [...server.runs.values()].find(({ tags }) => tags.get('espalier.trial') === '2')!
    one.isDeleted = true
    await store.tag(id, { owner: 'me' })
    const { sweeps } = await syncMlflow(store, [id], options)
    expect(sweeps[0].warnings.join()).toMatch(/1 of the runs of sweep .* deleted on .*restore/)
    expect([...server.runs.values()].filter(({ tags }) => tags.get('espalier.trial') === '2')).toEqual([one])
  })

  it('asks the server also where nothing has changed here', async () => {
    const [server, { store, id }] = [await newServer(), await newSweep()]
    const options = { ...quick, url: server.url }
    expect((await syncMlflow(store, [id], options)).sweeps[0]).toMatchObject({ sent: 5, problems: [] })
    const before = server.asked.length
    expect((await syncMlflow(store, [id], options)).sweeps[0]).toMatchObject({ sent: 5, problems: [] })
    expect(server.asked.slice(before)).toEqual(['runs/get'])
    server.fault = () => 'drop before'
    const [away] = (await syncMlflow(store, [id], options)).sweeps
    expect(away).toMatchObject({ sent: 0, problems: [{ code: 'MLFLOW_UNREACHABLE' }] })
    server.fault = null
    for (const run of server.runs.values()) run.isDeleted = true
    const [gone] = (await syncMlflow(store, [id], options)).sweeps
    expect(gone).toMatchObject({ sent: 0, problems: [{ run: id, code: 'MLFLOW_REFUSED' }] })
  })

  it('is whole again on a server that lost all it had, also where that breaks off', async () => {
    const [server, { store, id }] = [await newServer(), await newSweep()]
    const options = { ...quick, url: server.url }
    await syncMlflow(store, [id], options)
    server.runs.clear()
    server.experiments.clear()
    const before = server.asked.length
    server.fault = (number) => (number === before + 18 ? 'unavailable' : null)
    expect((await syncMlflow(store, [id], options)).sweeps[0].sent).toBeLessThan(5)
    server.fault = null
    expect((await syncMlflow(store, [id], options)).sweeps[0]).toMatchObject({ sent: 5, problems: [] })
    await expectWhole(server, store, id)
  })

  it('tells of an experiment that is deleted there', async () => {
    const [server, { store, id }] = [await newServer(), await newSweep()]
    server.experiments.set('steps: ½', { id: '9', isDeleted: true })
    const { sweeps } = await syncMlflow(store, [id], { ...quick, url: server.url })
    expect(sweeps[0].problems[0].message).toMatch(
      /"steps: ½" is deleted on .*mlflow experiments restore -x 9/,
    )
    expect(server.runs.size).toBe(0)
  })

  it('leaves artifacts out where the server takes none, says so once, and sends them when it does', async () => {
    const [server, { store, id }] = [await newServer(), await newSweep()]
    server.takesFiles = false
    const options = { ...quick, url: server.url }
    const { sweeps } = await syncMlflow(store, [id], options)
    expect(sweeps[0]).toMatchObject({ sent: 5, problems: [] })
    expect(sweeps[0].warnings).toHaveLength(1)
    expect(sweeps[0].warnings[0]).toMatch(/artifacts are left out: .*--serve-artifacts/)
    server.takesFiles = true
    await syncMlflow(store, [id], options)
    await expectWhole(server, store, id)
    const top = [...server.runs.values()].find(({ tags }) => tags.get('espalier.role') === 'sweep')!
    expect([...top.files.keys()]).toContain('espalier/spec.json')
  })

  it('is refused while another process sends the same sweep there', async () => {
    const [server, { store, id }] = [await newServer(), await newSweep()]
    const { openCursor } = await import('../../../src/exchange/mlflow/cursor.js')
    const { serverAddress } = await import('../../../src/exchange/mlflow/address.js')
    const held = await openCursor(store.mirrorsOf(id), serverAddress(server.url), id)
    const { sweeps } = await syncMlflow(store, [id], { ...quick, url: server.url })
    expect(sweeps[0].problems[0]).toMatchObject({ code: 'SWEEP_LOCKED' })
    expect(server.asked).toEqual([])
    await held.release()
  })
})
