/** Names, lengths and batches as an MLflow server takes them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchesOf, cutTo, serverName, serverNames } from '../../../src/exchange/mlflow/limits.js'

const name = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom('a', '/', '.', ':', ' ', '-', 'ü', '·'), maxLength: 12 }),
)

describe('a name', () => {
  it('is one that the server takes, whatever it was', () => {
    fc.assert(
      fc.property(name, (given) => {
        const there = serverName(given)
        expect(there).toMatch(/^[/\p{L}\p{N}_.\- ]{1,250}$/u)
        // MLflow takes it for a path, which must be in its simplest form.
        for (const segment of there.split('/')) expect(['', '.', '..']).not.toContain(segment)
      }),
    )
  })

  it('that the server takes stays as it is', () => {
    for (const plain of ['accuracy', 'a/b c', 'größe', 'x.y-z_1']) expect(serverName(plain)).toBe(plain)
    expect(serverName('recall:yes')).toBe('recall/yes')
  })

  it('is no other one of the same run', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 20 }), (given) => {
        const there = serverNames(given)
        expect(new Set(there.values()).size).toBe(given.length)
        for (const [from, to] of there) if (serverName(from) === from) expect(to).toBe(from)
      }),
    )
  })
})

it('a text is cut where it is too long, and never within a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, length) => {
      const cut = cutTo(text, length)
      expect(cut.length).toBeLessThanOrEqual(length)
      expect(cut).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/)
      if (text.length <= length) expect(cut).toBe(text)
      else expect(text.startsWith(cut.slice(0, -1)) && cut.endsWith('…')).toBe(true)
    }),
  )
})

it('batches hold all in its order, and none too much', () => {
  const texts = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 9 }),
    fc.integer({ min: 0, max: 6000 }).map((n) => 'é'.repeat(n)),
    {
      maxKeys: 260,
    },
  )
  fc.assert(
    fc.property(texts, texts, fc.integer({ min: 0, max: 2600 }), (params, tags, rows) => {
      const metrics = Array.from({ length: rows }, (_, step) => ({
        key: 'm',
        value: step / 3,
        step,
        timestamp: step,
      }))
      const bodies = batchesOf('r', { metrics, params, tags }) as ReturnType<typeof JSON.parse>[]
      for (const body of bodies) {
        expect(body.run_id).toBe('r')
        expect(body.metrics.length).toBeLessThanOrEqual(1000)
        expect(body.params.length).toBeLessThanOrEqual(100)
        expect(body.tags.length).toBeLessThanOrEqual(100)
        expect(body.metrics.length + body.params.length + body.tags.length).toBeLessThanOrEqual(1000)
        expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(1_000_000)
      }
      expect(bodies.flatMap((body) => body.metrics)).toEqual(metrics)
      const pairs = (kind: string) =>
        Object.fromEntries(bodies.flatMap((body) => body[kind]).map(({ key, value }) => [key, value]))
      expect(pairs('params')).toEqual({ ...params })
      expect(pairs('tags')).toEqual({ ...tags })
    }),
    { numRuns: 15 },
  )
})
