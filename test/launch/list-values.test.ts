/** Values that are lists and objects, through every border of a sweep. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createSearch, defineSpace, openStore, sweep } from '../../src/index.js'
import { AskTellSession } from '../../src/launch/index.js'
import { writeExecutable } from '../executable.js'
import { temporaryDirectory } from './support.js'

const parameters = {
  layers: { type: 'categorical', values: [[64, 32], [128], { width: 8, depth: [2, 3] }] },
  pad: { type: 'ordinal', values: [[0], [1]], when: { layers: [[128], { depth: [2, 3], width: 8 }] } },
  kernel: { type: 'constant', value: [[1, 1]] },
} as const

describe('values that are lists and objects', () => {
  it('are tried, recorded, found, compared and exported, and no trial alters them for the next', async () => {
    const store = join(await temporaryDirectory(), 'runs')
    const space = defineSpace(parameters)
    const enqueue = [{ layers: { depth: [2, 3], width: 8 }, pad: [1] }]
    const result = await sweep(
      {
        name: 'layers',
        objective: { metric: 'loss', direction: 'minimize' },
        search: { algorithm: 'bayesian', trials: 10, enqueue },
        parameters: space,
      },
      {
        store,
        run: (params) => {
          expectTypeOf(params.kernel).toEqualTypeOf<readonly [readonly [1, 1]]>()
          const width = 'width' in params.layers ? params.layers.width : params.layers[0]
          if (Array.isArray(params.layers)) (params.layers as number[]).push(1000)
          else (params.layers as { width: number }).width = 1000
          return { loss: width + (params.pad?.[0] ?? 0) }
        },
      },
    )
    // Three values of layers, two of which have two of pad.
    expect(result).toMatchObject({ trials: { finished: 5, failed: 0 }, best: { value: 8 } })
    expect(result.best!.params).toEqual({ layers: { width: 8, depth: [2, 3] }, pad: [0], kernel: [[1, 1]] })

    const opened = await openStore(store)
    const trials = await opened.trials(result.run)
    expect(trials[0].params).toEqual({ ...enqueue[0], kernel: [[1, 1]] })
    const found = async (where: string) => (await opened.runs({ where })).map(({ trial }) => trial).sort()
    const those = (holds: (layers: unknown) => boolean) =>
      trials.filter(({ params }) => holds(params.layers)).map(({ trial }) => trial)
    const isList = (layers: unknown) => Array.isArray(layers)
    expect(await found("params.layers = '[64, 32]'")).toEqual(
      those((layers) => isList(layers) && (layers as number[]).length === 2),
    )
    expect(await found(`params.layers in ('[ 64,32 ]', '[128]')`)).toEqual(those(isList))
    expect(await found(`params.layers = '{"depth": [2,3], "width": 8}'`)).toEqual(
      those((layers) => !isList(layers)),
    )
    expect(await found("params.layers != '[64,32]' and params.layers like '[%'")).toHaveLength(2)
    expect(
      await opened.runs({ where: 'params.layers is not null', orderBy: 'params.layers desc' }),
    ).toHaveLength(5)

    const csv = await opened.exportRuns({}, 'csv')
    expect(csv).toContain('"{""width"":8,""depth"":[2,3]}"')
    const rows = JSON.parse(await opened.exportRuns({}, 'json'))
    expect(rows.map((row: Record<string, unknown>) => row['params.kernel'])).toEqual(Array(5).fill([[1, 1]]))
    const { fields } = await opened.compare(trials.map(({ id }) => id))
    const field = (name: string) => fields.find((one) => one.field === name)!
    expect(field('params.kernel').differs).toBe(false)
    expect(field('params.layers')).toMatchObject({
      differs: true,
      values: trials.map(({ params }) => params.layers),
    })

    const warm = await sweep(
      {
        name: 'layers',
        objective: { metric: 'loss', direction: 'minimize' },
        search: { algorithm: 'random', warmStart: result.run },
        parameters,
      },
      { store, run: () => ({ loss: 1 }), trials: 3 },
    )
    expect(warm.trials).toMatchObject({ finished: 0 })
  })

  it('reach a program as compact JSON, and as values in its file', async () => {
    const directory = await temporaryDirectory()
    writeExecutable(
      join(directory, 'train.sh'),
      '#!/bin/sh\necho "$1"\necho "$ESPALIER_PARAM_LAYERS"\ntr -d " \\n" < "$ESPALIER_PARAMS_FILE"\necho\necho \'espalier: {"final": 1}\'\n',
    )
    const file = join(directory, 'sweep.json')
    const one = { layers: { type: 'categorical', values: [[{ units: 64 }, 'relu']] } }
    writeFileSync(
      file,
      JSON.stringify({ trainer: { command: ['./train.sh', '--layers={layers}'] }, parameters: one }),
    )
    const store = join(directory, 'runs')
    const { best } = await sweep(file, { store, trials: 1 })
    const opened = await openStore(store)
    const text = new TextDecoder().decode(await opened.readArtifact(best!.run, 'stdout.txt'))
    const value = '[{"units":64},"relu"]'
    expect(text.split('\n').slice(0, 3)).toEqual([`--layers=${value}`, value, `{"layers":${value}}`])
  })

  it('are asked for and told by ask-tell', async () => {
    const search = await createSearch({ parameters, search: { algorithm: 'grid' } })
    const { trials, exhausted } = await search.ask(9)
    await search.close()
    expect(exhausted).toBe(true)
    expect(trials.map(({ params }) => params)).toEqual([
      { layers: [64, 32], kernel: [[1, 1]] },
      { layers: [128], pad: [0], kernel: [[1, 1]] },
      { layers: [128], pad: [1], kernel: [[1, 1]] },
      { layers: { width: 8, depth: [2, 3] }, pad: [0], kernel: [[1, 1]] },
      { layers: { width: 8, depth: [2, 3] }, pad: [1], kernel: [[1, 1]] },
    ])
    // They are the space's own: who asked for them cannot alter them for those who ask next.
    for (const alter of [
      () => (trials[0].params.layers as unknown as number[]).push(1),
      () => Object.assign(trials[3].params.layers, { width: 1 }),
      () => (trials[0].params.kernel as unknown as number[][])[0].push(1),
    ])
      expect(alter).toThrow(TypeError)
    const session = new AskTellSession()
    const say = async (line: object) => JSON.parse(await session.answer(JSON.stringify(line)))
    expect(await say({ op: 'open', parameters, search: { algorithm: 'bayesian' } })).toEqual({ ok: true })
    const asked = await say({ op: 'ask', count: 2 })
    expect(asked.trials).toHaveLength(2)
    for (const { trial } of asked.trials)
      expect(await say({ op: 'tell', trial, value: trial })).toEqual({ ok: true })
    expect((await say({ op: 'best' })).params).toEqual(asked.trials[0].params)
    await session.close()
  })
})
