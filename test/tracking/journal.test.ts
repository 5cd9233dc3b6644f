import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { crc32, crc32ByTable } from '../../src/tracking/checksum.js'
import { openStore, type ParentRun } from '../../src/tracking/index.js'
import { exactJson, plainJson } from '../../src/tracking/json.js'
import { checksumIn, decodeLine, encodeLine } from '../../src/tracking/line.js'
import type { JsonObject } from '../../src/values.js'
import { runTrials, sweepOf } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'
import { expectCutsRead, type RecordedSweep, recordedSweep } from './cuts.js'
import { rewritten } from './rewritten.js'

let recorded: RecordedSweep
let { directory, sweep, path, whole, snapshotFile, snapshot } = {} as RecordedSweep

beforeAll(async () => {
  recorded = await recordedSweep()
  ;({ directory, sweep, path, whole, snapshotFile, snapshot } = recorded)
})

const putBack = async () => {
  await writeFile(path, whole)
  await writeFile(snapshotFile, snapshot)
}

describe('a journal cut off', () => {
  it('anywhere in its last records loses only what was cut, and is taken up again', async () => {
    await expectCutsRead(recorded, 3)
    await putBack()
  })

  it('before its first record is whole is no sweep', async () => {
    const lone = join(await temporaryDirectory(), 'runs')
    const store = await openStore(lone)
    const writer = await store.createSweep(sweepOf())
    await writer.finish({ status: 'finished' })
    const file = join(lone, 'sweeps', writer.id, 'journal.jsonl')
    await truncate(file, 100)
    await rm(join(lone, 'sweeps', writer.id, 'snapshot.json'))
    expect(await store.sweeps()).toEqual([])
    await expect(store.run(writer.id)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
    await expect(store.resumeSweep(writer.id, { conditions: {} })).rejects.toThrow(/espalier runs delete/)
    await store.delete(writer.id)
  })

  it('that is gone is told of while the snapshot or an artifact is there, to whoever reads or writes', async () => {
    const lone = join(await temporaryDirectory(), 'runs')
    const store = await openStore(lone)
    const writer = await store.createSweep(sweepOf())
    await runTrials(writer, 0, 1)
    await writer.artifact(0, 'model.json', 'a model')
    await writer.finish({ status: 'interrupted' })
    const folder = join(lone, 'sweeps', writer.id)
    await rm(join(folder, 'journal.jsonl'))
    for (const [also, code] of [
      [null, 'STORE_CORRUPT'],
      ['snapshot.json', 'STORE_CORRUPT'],
      ['artifacts', 'RUN_UNKNOWN'],
    ] as const) {
      if (also !== null) await rm(join(folder, also), { recursive: true })
      const opened = await openStore(lone)
      await expect(opened.run(writer.id)).rejects.toMatchObject({ code })
      const resumed = opened.resumeSweep(writer.id, { conditions: {} })
      await expect(resumed).rejects.toMatchObject({ code: expect.stringMatching(/^(STORE|RUN)_/) })
    }
  })

  it('that ends in zeros, as after a power cut, is cut back', async () => {
    await writeFile(path, Buffer.concat([whole, Buffer.from('{"crc":"12'), Buffer.alloc(290)]))
    const store = await openStore(directory)
    const writer = await store.resumeSweep(sweep, { conditions: {} })
    expect(store.warnings.at(-1)).toMatch(/the last 300 bytes are half a record/)
    await writer.finish({ status: 'interrupted' })
    expect((await openStore(directory).then((s) => s.trials(sweep))).length).toBe(11)
    await putBack()
  })
})

describe('a damaged journal', () => {
  const damaged = async (change: (lines: string[]) => string[] | undefined) => {
    const lines = whole.toString().split('\n')
    const bytes = Buffer.from((change(lines) ?? lines).join('\n'))
    await writeFile(path, bytes)
    const store = await openStore(directory)
    const reading = await store.trials(sweep).catch((error: Error) => error)
    const writing = await store.resumeSweep(sweep, { conditions: {} }).catch((error: Error) => error)
    const listing = await openStore(directory)
    await listing.sweeps()
    expect(await readFile(path)).toEqual(bytes)
    await putBack()
    // A list reads on from the snapshot, and cannot know what was changed before it.
    if (listing.warnings.length > 0) expect(listing.warnings).toContain((reading as Error).message)
    return { reading, writing, messages: [reading, writing].map((one) => (one as Error).message) }
  }

  it('names file and line of a record changed by hand', async () => {
    const { messages, reading } = await damaged((lines) => {
      lines[5] = lines[5].replace('0.1', '0.9')
    })
    expect(reading).toMatchObject({ code: 'STORE_CORRUPT' })
    for (const message of messages) {
      expect(message).toContain(`${path} line 6 was changed after it was written`)
    }
  })

  it('also of the last record', async () => {
    const { messages } = await damaged((lines) => {
      const last = lines.length - 2
      lines[last] = lines[last].replace('interrupted', 'finished')
    })
    for (const message of messages) expect(message).toMatch(/line 24 was changed after/)
  })

  it('names the line of damage in the middle, and overwrites nothing', async () => {
    const { messages } = await damaged((lines) => {
      lines[7] = lines[7].slice(0, 20)
    })
    for (const message of messages)
      expect(message).toMatch(/line 8 is not a record\. 23 of its 24 lines are whole and tell of 9 trials/)
  })

  it('names a line that is missing, there twice or out of its place', async () => {
    for (const line of [1, 2, 13, 21]) {
      const missing = await damaged((lines) => lines.toSpliced(line, 1))
      const twice = await damaged((lines) => lines.toSpliced(line, 0, lines[line]))
      const moved = await damaged((lines) => [
        ...lines.slice(0, line),
        lines[line + 1],
        lines[line],
        ...lines.slice(line + 2),
      ])
      for (const { reading, messages } of [missing, twice, moved]) {
        expect(reading).toMatchObject({ code: 'STORE_CORRUPT' })
        expect(messages[1]).toBe(messages[0])
      }
      expect(missing.messages[0]).toContain(`line ${line + 1} does not follow the line before`)
      expect(twice.messages[0]).toContain(`line ${line + 2} is the line before once more`)
      expect(moved.messages[0]).toContain(`line ${line + 1} does not follow the line before`)
    }
  })

  it('that lost its end, or everything, is told as such, not as half a record of a crash', async () => {
    for (const kept of [23, 10, 2, 1]) {
      const { messages } = await damaged((lines) => [...lines.slice(0, kept), ''])
      for (const message of messages)
        expect(message).toContain(
          `line ${kept + 1} is missing: the journal has ${kept} whole lines, but had 24`,
        )
    }
    expect((await damaged(() => [''])).messages[0]).toContain('line 1 is missing')
    await rm(path)
    const store = await openStore(directory)
    expect((await store.sweeps()).length).toBe(0)
    expect(store.warnings[0]).toMatch(/journal\.jsonl is gone, but the sweep had one/)
    await expect(store.run(sweep)).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    await putBack()
  })

  it('at its end is told from what a crash leaves there', async () => {
    const added = (text: string) => damaged((lines) => [...lines.slice(0, -1), text])
    for (const text of ['notes of mine', '{"crc":"12345678","event":"ended"}', '\0\0\0x', '{"crc":"1\0"']) {
      const { messages } = await added(text)
      for (const message of messages) expect(message).toContain('line 25')
    }
    const { messages } = await added('{"crc":"12345678"\n')
    for (const message of messages) expect(message).toContain('line 25 is not a record')
    // The line end of a promised record turned into something else.
    const last = await damaged((lines) => [...lines.slice(0, -2), `${lines.at(-2)}x`])
    for (const message of last.messages) expect(message).toMatch(/line 24 is /)
  })

  it('of another sweep is not taken for this one', async () => {
    const { messages } = await damaged((lines) => {
      const head = { event: 'journal', version: 2, sweep: '0000000000000000', generation: 0 }
      lines[0] = encodeLine(head).toString().trimEnd()
    })
    for (const message of messages) expect(message).toMatch(/belongs to the sweep 0000000000000000/)
  })

  it('does not hide the other sweeps of the store', async () => {
    const store = await openStore(directory)
    const other = await store.createSweep(sweepOf({ experiment: 'other' }))
    await runTrials(other, 0, 1)
    await other.finish({ status: 'finished' })
    await writeFile(path, whole.toString().replace('"event":"created"', '"event":"kreated"'))
    await writeFile(join(directory, 'sweeps', sweep, 'snapshot.json'), 'half a snaps')
    expect((await store.sweeps()).map((run) => run.experiment)).toEqual(['other'])
    expect(store.warnings.at(-1)).toMatch(/line 2 was changed/)
    expect((await store.run(other.childId(0))).id).toBe(other.childId(0))
    await putBack()
    await store.delete(other.id)
  })
})

describe('a journal with right checksums', () => {
  afterEach(putBack)

  const rewrite = async (change: Parameters<typeof rewritten>[1]) => {
    await writeFile(path, rewritten(whole.toString(), change))
    await rm(snapshotFile, { force: true })
  }

  it('of a newer version is refused, whatever is done, and left as it is', async () => {
    await rewrite((entries) => (entries.event === 'journal' ? { ...entries, version: 4 } : entries))
    const newer = await readFile(path)
    const store = await openStore(directory)
    for (const done of [
      () => store.run(sweep),
      () => store.trials(sweep),
      () => store.follow(sweep),
      () => store.resumeSweep(sweep, { conditions: {} }),
    ])
      await expect(done()).rejects.toMatchObject({
        code: 'STORE_VERSION',
        message: expect.stringMatching(/journal version 4, this program knows 3\)\. Update Espalier/),
      })
    expect(await readFile(path)).toEqual(newer)
  })

  it.each([
    ['started', { trial: '0' }, '"trial" .* must be a number \\(got "0" in run'],
    [
      'started',
      { origin: 'random' },
      '"origin" .* must be an object with "rule" \\(a text\\) \\(got "random"',
    ],
    ['started', { origin: { index: 1 } }, '"origin" .* must be an object with "rule"'],
    ['started', { knew: null }, '"knew" .* must be a number \\(got null'],
    ['ended', { fits: { seats: [0], from: [1], to: [] } }, '"fits" .* must be an object with lists'],
    ['ended', { fits: { seats: [0], from: ['1'], to: [2] } }, '"fits" .* must be an object with lists'],
    ['ended', { arrival: [1] }, '"arrival" .* must be a number'],
    ['ended', { bestStep: { step: 1 } }, '"bestStep" .* must be an object with "step" .*, "value"'],
    ['ended', { predictionsDigest: 5 }, '"predictionsDigest" .* must be a text'],
    ['created', { workers: '4' }, '"workers" .* must be a number \\(got "4"'],
    ['created', { git: 'main' }, '"git" .* must be an object or null'],
    ['created', { espalier: 1 }, '"espalier" .* must be a text or null'],
    ['created', { packages: [] }, '"packages" .* must be an object'],
    ['created', { changes: ['a', 1] }, '"changes" .* must be a list of texts'],
  ] as const)(
    'is refused where conditions are not what their names say: %s %j',
    async (event, wrong, says) => {
      const store = await openStore(directory)
      const read = async (conditions: JsonObject) => {
        await rewrite((entries) => (entries.event === event ? { ...entries, conditions } : entries))
        return [await store.run(sweep), ...(await store.trials(sweep))]
      }
      await expect(read(wrong)).rejects.toMatchObject({
        code: 'STORE_CORRUPT',
        message: expect.stringMatching(new RegExp(says)),
      })
      // What has a name of its own is nobody's to check.
      expect((await read({ mine: ['anything'] })).length).toBe(12)
    },
  )

  it('is followed anew where it is shorter than it was', async () => {
    const store = await openStore(directory)
    const all = await store.follow(sweep)
    await writeFile(path, whole.subarray(0, whole.lastIndexOf(10, whole.length - 2) + 1))
    await rm(snapshotFile)
    const shorter = await store.follow(sweep, all.place)
    expect(shorter).toMatchObject({ again: true, updates: all.updates.slice(0, -1) })
  })

  it('tells who follows it of a trial that was deleted, also before it has been compacted', async () => {
    const store = await openStore(directory)
    const { place } = await store.follow(sweep)
    const { id: run } = (await store.trials(sweep))[3]
    const last = checksumIn(whole.subarray(whole.lastIndexOf(10, whole.length - 2) + 1))
    const deleted = { event: 'deleted', trial: 3, status: 'finished', best: null }
    await writeFile(path, Buffer.concat([whole, encodeLine(deleted, last)]))
    expect(await store.follow(sweep, place)).toMatchObject({
      again: false,
      updates: [{ kind: 'deleted', trial: 3, run }],
    })
  })
})

describe('a snapshot', () => {
  it('that is damaged or missing is passed over', async () => {
    const file = snapshotFile
    const store = await openStore(directory)
    const right = await store.run(sweep)
    for (const text of ['', '{}', 'not JSON\n', '{"crc":"00000000","snapshot":1}\n']) {
      await writeFile(file, text)
      expect(await store.run(sweep)).toEqual(right)
    }
    await rm(file)
    expect(await store.run(sweep)).toEqual(right)
    await putBack()
  })

  it('that knows more than its journal tells of a lost end; of an earlier journal it is passed over', async () => {
    const parent = { id: sweep, finished: 99 }
    const written = (generation: number, lines: number) =>
      writeFile(
        snapshotFile,
        encodeLine({ snapshot: 2, generation, place: { bytes: 1e6, lines, crc: '00000000' }, parent }),
      )
    const store = await openStore(directory)
    await written(0, 99)
    await expect(store.run(sweep)).rejects.toThrow(/has 24 whole lines, but had 99/)
    await written(0, 24)
    await expect(store.run(sweep)).rejects.toThrow(/line 24 is another than the snapshot of the sweep knows/)
    await written(1, 5)
    await expect(store.run(sweep)).rejects.toThrow(/line 1 begins an older copy/)
    await written(-1, 99)
    expect(((await store.run(sweep)) as ParentRun).trials.finished).toBe(10)
    await putBack()
  })

  it('and the tail after it amount to the whole journal', async () => {
    const store = await openStore(directory)
    const writer = await store.createSweep(sweepOf())
    await runTrials(writer, 0, 600)
    const listed = (await store.run(writer.id)) as ParentRun
    expect(listed.trials.finished).toBe(600)
    expect(listed.best?.trial).toBe(599)
    await expect(readFile(join(directory, 'sweeps', writer.id, 'snapshot.json'))).resolves.toBeDefined()
    await writer.finish({ status: 'finished' })
  })
})

describe('a line', () => {
  const json = fc.jsonValue({ maxDepth: 2 })

  it('reads back exactly, whatever the entries', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), json), (entries) => {
        fc.pre(Object.keys(entries).length > 0 && !('crc' in entries))
        const line = encodeLine(entries)
        expect(line.indexOf(10)).toBe(line.length - 1)
        const decoded = decodeLine(line, 0, line.length - 1)
        const { crc, ...rest } = (decoded as { entries: Record<string, unknown> }).entries
        expect(typeof crc).toBe('string')
        expect(exactJson(rest)).toBe(exactJson(entries))
      }),
      { seed: 1, numRuns: 100 },
    )
  })

  it('notices every change of one byte', () => {
    const line = encodeLine({ event: 'ended', trial: 3, value: 0.123456789 })
    for (let at = 0; at < line.length - 1; at++) {
      for (const bit of [1, 4, 32]) {
        const changed = Buffer.from(line)
        changed[at] ^= bit
        expect(decodeLine(changed, 0, changed.length - 1).state).not.toBe('good')
      }
    }
  })

  it('keeps every double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Object.is(JSON.parse(exactJson(plainJson([x], 'x')))[0], x)).toBe(true)
      }),
      { seed: 2, numRuns: 2000 },
    )
  })

  it('has the checksum everybody else computes', () => {
    const check = Buffer.from('123456789')
    expect(crc32(check)).toBe(0xcbf43926)
    expect(crc32ByTable(check)).toBe(0xcbf43926)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(crc32(bytes)).toBe(crc32ByTable(bytes))
      }),
      { seed: 3 },
    )
  })
})

describe('what may be recorded', () => {
  it('is plain JSON', () => {
    for (const wrong of [
      () => 1,
      10n,
      new Date(),
      new Map(),
      new Float64Array(2),
      Symbol('s'),
      Number.NaN,
      [1, Number.NEGATIVE_INFINITY],
      [undefined],
    ]) {
      expect(() => plainJson({ a: { b: wrong } }, 'spec')).toThrow(/at spec\.a\.b/)
    }
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect(() => plainJson(circle, 'spec')).toThrow(/circular/)
    expect(plainJson({ a: undefined, b: Object.create(null) }, 'spec')).toEqual({ b: {} })
  })
})
