/** Every picture of every kind of sweep, as SVG: what is drawn can be read there, and no number in it is none. */
import { describe, expect, it } from 'vitest'
import { type SweepWorker, TrialTable } from '../../../src/dashboard/data/index.js'
import { plainAxes } from '../../../src/dashboard/page/axes-view.js'
import { barsPicture } from '../../../src/dashboard/page/plots/bars.js'
import { bestSeries, comparePicture, shareSeries } from '../../../src/dashboard/page/plots/compare.js'
import { contourPicture } from '../../../src/dashboard/page/plots/contour.js'
import { distributionPicture } from '../../../src/dashboard/page/plots/distribution.js'
import type { Theme } from '../../../src/dashboard/page/plots/drawing.js'
import { failedFor, failureGroups, withReason } from '../../../src/dashboard/page/plots/failures.js'
import { historyPicture } from '../../../src/dashboard/page/plots/history.js'
import { lanesOf } from '../../../src/dashboard/page/plots/lanes.js'
import { parallelColumns, parallelPicture } from '../../../src/dashboard/page/plots/parallel.js'
import { drawWhole, type Frame, type Picture } from '../../../src/dashboard/page/plots/picture.js'
import { scatterPicture } from '../../../src/dashboard/page/plots/scatter.js'
import { slicePicture, sliceRange } from '../../../src/dashboard/page/plots/slice.js'
import { clipRange } from '../../../src/dashboard/page/plots/statistics.js'
import { stepsPicture } from '../../../src/dashboard/page/plots/steps.js'
import { SvgDrawing } from '../../../src/dashboard/page/plots/svg.js'
import { timelinePicture } from '../../../src/dashboard/page/plots/timeline.js'
import { trialAt } from '../../../src/dashboard/page/plots/trial.js'
import { rowsWhere } from '../../../src/dashboard/page/rows.js'
import type { Histories } from '../../../src/tracking/index.js'
import { trialRow } from '../trial-row.js'
import { type Recipe, syntheticSweep } from './synthetic.js'

const colours = Object.fromEntries(
  [
    'surface',
    'text',
    'muted',
    'faint',
    'line',
    'grid',
    'accent',
    'good',
    'bad',
    'warn',
    'finished',
    'pruned',
    'failed',
    'running',
    'interrupted',
    'unselected',
    'highlight',
  ].map((name, place) => [name, `rgb(${place}, 0, 0)`]),
)
const theme = {
  ...colours,
  kinds: Array.from({ length: 8 }, (_, k) => `rgb(0, ${k}, 0)`),
  ramp: Array.from({ length: 6 }, (_, k) => `rgb(0, 0, ${k * 40})`),
  family: 'sans-serif',
} as unknown as Theme

function frameOf(width: number, height = 360): Frame {
  return { width, height, theme, measure: (text) => [...text].length * 7 }
}

async function picturesOf(recipe: Recipe, width: number): Promise<Record<string, Picture>> {
  const sweep = syntheticSweep(recipe)
  const data = { head: sweep.head.value, table: sweep.table }
  const insight = sweep.insight.value!
  const names = data.head.parameters.map(({ name }) => name)
  const frame = frameOf(width)
  const values = data.table.numbers('value')
  const marginals = insight.parameters.map(({ marginal }) => marginal)
  const steps = await sweep.source.steps('sweep', [0, 1, 2, 3])
  const [x, y = x] = names
  const { direction } = data.head.entry.objective
  const course = [...values].map((value, at) => ({ at, value }))
  return {
    history: historyPicture(frame, data, { by: 'trial', log: false, predicted: true }),
    'history by time': historyPicture(frame, data, { by: 'time', log: true, predicted: false }),
    parallel: parallelPicture(frame, data, {
      columns: parallelColumns(data, insight, 'importance'),
      ...plainAxes,
      scale: () => {},
      move: () => {},
    }),
    slice: slicePicture(frame, data, {
      column: `params.${x}`,
      metric: 'value',
      marginal: marginals[0] ?? null,
      range: sliceRange(values, clipRange(values, direction), marginals),
      log: false,
    }),
    contour: contourPicture(frame, data, {
      x: `params.${x}`,
      y: `params.${y}`,
      metric: 'value',
      label: 'accuracy',
      direction,
      surface: await sweep.source.surface('sweep', x, y),
    }),
    cells: contourPicture(frame, data, {
      x: `params.${names[2] ?? x}`,
      y: `params.${x}`,
      metric: 'value',
      label: 'accuracy',
      direction,
      surface: await sweep.source.surface('sweep', names[2] ?? x, x),
    }),
    scatter: scatterPicture(frame, data, {
      x: 'seconds',
      y: 'value',
      colour: `params.${names[2] ?? x}`,
      better: ['minimize', direction],
      logX: false,
      logY: true,
    }),
    steps: stepsPicture(frame, data, steps, {
      curve: { main: 'val_loss', training: 'loss' },
      logX: true,
      logY: true,
      smoothing: 0.6,
      step: 'step',
    }),
    timeline: timelinePicture(frame, data, lanesOf(data.table), 60),
    distribution: distributionPicture(frame, data, { column: 'value', kind: 'counts' }),
    shares: distributionPicture(frame, data, { column: 'value', kind: 'shares' }),
    shapes: distributionPicture(frame, data, { column: `params.${x}`, kind: 'shapes' }),
    failures: barsPicture(
      frame,
      failureGroups(data).map(({ code, trials }) => ({
        label: code ?? '',
        value: trials.length,
        text: '1',
        lines: [],
      })),
      3,
      'No trial failed.',
    ),
    compare: comparePicture(frame, [bestSeries('a', 0, course, direction)], {
      metric: 'accuracy',
      direction,
      along: 'trial',
      log: true,
    }),
    'compare shares': comparePicture(frame, [shareSeries('a', 0, values)], {
      metric: 'accuracy',
      direction,
      along: 'value',
      log: false,
    }),
  }
}

function svg(picture: Picture, mask: Uint8Array): string {
  const on = new SvgDrawing()
  drawWhole(picture, on, mask)
  return on.text(800, 360, 'a picture')
}

const kinds: Record<string, Recipe> = {
  'no trial': { trials: 0 },
  'one trial': { trials: 1 },
  '30 trials, three of them running': { trials: 30, running: 3 },
  'only failures': { trials: 30, kind: 'failures' },
  'all values equal': { trials: 30, kind: 'equal' },
  'one parameter': { trials: 30, parameters: 1 },
  'hostile names': { trials: 30, kind: 'hostile' },
  'metrics missing, lower is better, no seats on record': {
    trials: 40,
    kind: 'gaps',
    direction: 'minimize',
    spans: false,
  },
  'nothing known of importance': { trials: 12, unsure: true },
  'many trials': { trials: 4200, parameters: 3 },
}

describe.each(Object.entries(kinds))('pictures of %s', (_, recipe) => {
  it.each([330, 900])('are drawn %i pixels wide', async (width) => {
    const pictures = await picturesOf(recipe, width)
    const mask = Uint8Array.from({ length: recipe.trials }, (_, row) => Number(row % 3 !== 0))
    for (const [name, picture] of Object.entries(pictures)) {
      const drawn = svg(picture, mask)
      expect(drawn.match(/NaN|Infinity|undefined|null/g), name).toBeNull()
      expect(drawn, name).not.toContain('<img')
      for (const unseen of ['\u202e', '\u0007']) expect(drawn, name).not.toContain(unseen)
      expect(svg(picture, mask) === drawn, `${name} is the same again`).toBe(true)
      for (const trial of [0, recipe.trials - 1])
        if (recipe.trials > 0) {
          const on = new SvgDrawing()
          picture.mark?.(on, trial)
          expect(on.text(1, 1, '').match(/NaN|Infinity/g), `${name}, marked`).toBeNull()
        }
    }
  })
})

describe('what can be pointed at', () => {
  it('is the trial that is there, and the keyboard comes to the same ones', async () => {
    const pictures = await picturesOf({ trials: 30 }, 900)
    const mask = new Uint8Array(30).fill(1)
    for (const [name, picture] of Object.entries(pictures)) {
      const order = picture.order?.(mask) ?? []
      for (const trial of order) {
        const hit = picture.hitOf?.(trial)
        expect(hit?.trial, name).toBe(trial)
        // Another one may lie at the same place: then that is found, as near.
        const found = picture.hit?.(hit!.x, hit!.y, mask)
        expect(found, `${name}, trial ${trial}`).toBeTruthy()
      }
    }
  })

  it('is none that is not selected', async () => {
    const { history } = await picturesOf({ trials: 30 }, 900)
    const mask = new Uint8Array(30)
    mask[7] = 1
    expect(history.order?.(mask)).toEqual([7])
    const hit = history.hitOf!(7)!
    expect(history.hit!(hit.x, hit.y, mask)?.trial).toBe(7)
    expect(history.hit!(hit.x, hit.y, new Uint8Array(30))).toBeNull()
  })
})

describe('brushing', () => {
  it('along an axis and back gives the same pixels', async () => {
    const { parallel } = await picturesOf({ trials: 30 }, 900)
    for (const { along } of parallel.areas ?? []) {
      const brush = along!.brushOf(120, 220)
      expect(brush).not.toBeNull()
      const pieces = along!.pixelsOf(brush!)
      expect(pieces.length).toBeGreaterThan(0)
      if (brush?.kind === 'range') {
        expect(pieces[0][0]).toBeCloseTo(120, 0)
        expect(pieces[0][1]).toBeCloseTo(220, 0)
      }
    }
  })

  it.each(['trial', 'time'] as const)('along the course by %s selects the trials that stand there', (by) => {
    const sweep = syntheticSweep({ trials: 40, running: 2 })
    const data = { head: sweep.head.value, table: sweep.table }
    const picture = historyPicture(frameOf(900), data, { by, log: false, predicted: false })
    const places = Array.from({ length: 40 }, (_, trial) => picture.hitOf!(trial)!.x)
    const [{ across, x, width }] = picture.areas!
    for (const [from, to] of [
      [x, x + width],
      [x + width / 3, x + width / 2],
      [x + width * 0.8, x + width],
    ]) {
      const brushes = { [across!.column]: across!.brushOf(from, to)! }
      sweep.selection.value = { ...sweep.selection.value, brushes }
      const there = places.map((place) => Number(place >= from && place <= to))
      expect([...sweep.mask.value]).toEqual(there)
      expect(there).toContain(1)
    }
  })

  it('to the end of an axis leaves no trial out there', async () => {
    const sweep = syntheticSweep({ trials: 60 })
    const data = { head: sweep.head.value, table: sweep.table }
    const picture = parallelPicture(frameOf(900), data, {
      ...plainAxes,
      columns: ['value'],
      move: () => {},
      scale: () => {},
    })
    const [{ along, y, height }] = picture.areas!
    const brush = along!.brushOf(y, y + height)!
    sweep.selection.value = { ...sweep.selection.value, brushes: { value: brush } }
    const valued = [...data.table.numbers('value')].filter((value) => !Number.isNaN(value))
    expect(sweep.selected.value).toBe(valued.length)
  })
})

describe('SVG', () => {
  it('has text as text, and what XML cannot hold as a mark', () => {
    const on = new SvgDrawing()
    on.fillText('<script>&"\u0000', 1, 2)
    expect(on.text(10, 10, '<b>')).toBe(
      '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10" viewBox="0 0 10 10" role="img"><title>&lt;b&gt;</title>' +
        '<text x="1" y="2" font-family="sans-serif" font-size="12" text-anchor="start" fill="#000">&lt;script&gt;&amp;&quot;\ufffd</text></svg>\n',
    )
  })

  it('keeps shifts, turns, clips and dashes to what they stand around', () => {
    const on = new SvgDrawing()
    on.save()
    on.translate(10, 0)
    on.rotate(Math.PI / 2)
    on.beginPath()
    on.rect(0, 0, 5, 5)
    on.clip()
    on.setLineDash([2, 3])
    on.beginPath()
    on.moveTo(0, 0)
    on.lineTo(4, 0)
    on.stroke()
    on.restore()
    on.beginPath()
    on.arc(5, 5, 2, 0, 2 * Math.PI)
    on.fill()
    const text = on.text(20, 20, '')
    expect(text).toContain('<clipPath id="clip-1"><path d="M10,0L10,5L5,5L5,0Z"/></clipPath>')
    expect(text).toContain(
      'd="M10,0L10,4" fill="none" stroke="#000" stroke-width="1" stroke-dasharray="2 3" clip-path="url(#clip-1)"',
    )
    expect(text).toContain('<path d="M7,5A2 2 0 0 1 3,5A2 2 0 0 1 7,5" fill="#000"/>')
  })
})

describe('seats', () => {
  it('have their fits and the waiting before the first, and what runs is as long as all that is known', () => {
    const { table } = syntheticSweep({ trials: 8, running: 2 })
    const lanes = lanesOf(table)!
    expect(lanes.seats).toBe(true)
    expect(lanes.names).toEqual(['seat 0', 'seat 1', 'seat 2', 'seat 3'])
    expect(lanes.spans.filter(({ waiting }) => waiting)).toHaveLength(8)
    const running = lanes.spans.filter(({ row, waiting }) => row >= 6 && !waiting)
    expect(running.map(({ end }) => end)).toEqual([lanes.to, lanes.to])
  })

  it('say on which worker and devices a fit ran, also where a sweep that went on numbered them anew', () => {
    const { head, table } = syntheticSweep({ trials: 40 })
    const lanes = lanesOf(table)!
    const gpu = { kind: 'cuda', memoryMB: null, driver: null, uuid: null }
    const half = (lanes.from + lanes.to) / 2
    const worker = (id: string, from: number, devices: string[]): SweepWorker => ({
      ...{
        id,
        host: 'east\u202e',
        devices: ['0', '1', '2'].map((one) => ({ ...gpu, id: one, name: 'A100' })),
      },
      ...{ at: [], trials: 0, last: null, missed: null },
      seats: [{ seat: 0, from, devices }],
    })
    const workers = [worker('late', half, []), worker('early', lanes.from, ['0', '2'])]
    const data = { head: { ...head.value, workers }, table }
    const picture = timelinePicture(frameOf(600), data, lanes, 0)
    const told = (seat: number, late: boolean) => {
      const span = lanes.spans.find(
        (one) => one.seat === seat && !one.waiting && (late ? one.end >= half : one.end < half),
      )!
      return picture.hitOf!(trialAt(table, span.row))!.lines.filter(([name]) => /^(worker|device)/.test(name))
    }
    expect(told(0, false)).toEqual([
      ['worker', 'early on east\\u{202e}'],
      ['devices', '0 A100, 2 A100'],
    ])
    expect(told(0, true)).toEqual([['worker', 'late on east\\u{202e}']])
    expect(told(1, true)).toEqual([])
  })

  it('that are not on record are lanes in which no two trials overlap', () => {
    const { table } = syntheticSweep({ trials: 50, spans: false })
    const lanes = lanesOf(table)!
    expect(lanes.seats).toBe(false)
    expect(new Set(lanes.spans.map(({ row }) => row)).size).toBe(50)
    for (const a of lanes.spans)
      for (const b of lanes.spans)
        if (a !== b && a.lane === b.lane) expect(a.end <= b.start || b.end <= a.start).toBe(true)
    expect(lanesOf(syntheticSweep({ trials: 0 }).table)).toBeNull()
  })

  it('are none where trials were imported without their times, and none of them took a time', () => {
    const { head } = syntheticSweep({ trials: 0 })
    const told = (rule: string, ended: number) => {
      const table = new TrialTable()
      for (const trial of [0, 1]) table.upsert(trialRow(trial, { started: 1000, ended, rule }))
      return { table, seconds: [...table.numbers('seconds')], lanes: lanesOf(table)! }
    }
    const { table, seconds, lanes } = told('elsewhere', 1000)
    expect(seconds).toEqual([Number.NaN, Number.NaN])
    expect(lanes.spans).toEqual([])
    const picture = timelinePicture(frameOf(600), { head: head.value, table }, lanes, 0)
    expect(svg(picture, new Uint8Array(2))).toContain('No trial says when it ran.')
    expect(told('elsewhere', 3000).seconds).toEqual([2, 2])
    expect(told('random', 1000).seconds).toEqual([0, 0])
    expect(told('random', 1000).lanes.spans).toHaveLength(2)
  })
})

describe('failures', () => {
  it('are grouped by reason, the most frequent first, with where they gather', () => {
    const sweep = syntheticSweep({ trials: 60 })
    const rates = sweep.table.numbers('params.learning_rate')
    const high = [...rates.keys()].sort((a, b) => rates[b] - rates[a]).slice(0, 10)
    const status = sweep.table.columns.get('status')
    const error = sweep.table.columns.get('error')
    if (status?.kind !== 'category' || error?.kind !== 'category') throw new Error('no categories')
    status.codes.fill(status.names.indexOf('finished'))
    error.codes.fill(-1)
    error.names.push('DIVERGED', 'RARE')
    for (const row of high) {
      status.codes[row] = status.names.indexOf('failed')
      error.codes[row] = error.names.indexOf('DIVERGED')
    }
    const other = [...rates.keys()].find((row) => !high.includes(row))!
    status.codes[other] = status.names.indexOf('failed')
    error.codes[other] = error.names.indexOf('RARE')
    const groups = failureGroups({ head: sweep.head.value, table: sweep.table })
    expect(groups.map(({ code, trials }) => [code, trials.length])).toEqual([
      ['DIVERGED', 10],
      ['RARE', 1],
    ])
    expect(groups[0].where).toMatch(/^learning_rate above 0\.0/)
    expect(groups[1].where).toBeNull()
  })

  it.each([
    ["DON'T", 'all alone', '', "error = 'DON''T'"],
    [null, 'without a reason', '', 'status = failed and error is null'],
    [
      'RARE',
      'beside another condition',
      'params.depth > 3 or value < 1',
      "(params.depth > 3 or value < 1) and error = 'RARE'",
    ],
  ])('for %j, %s, are asked for by a query, and a second time no more', (code, _, before, after) => {
    const groups = ["DON'T", 'RARE', null].map((one) => ({ code: one, trials: [], where: null }))
    expect(withReason(before, code, groups)).toBe(after)
    expect(withReason(after, code, groups)).toBe(before)
    expect(withReason(withReason(before, 'RARE', groups), "DON'T", groups)).toBe(
      withReason(before, "DON'T", groups),
    )
  })

  it('of a reason are all those that its query selects, however many', () => {
    const { head, table } = syntheticSweep({ trials: 2000, kind: 'failures' })
    const groups = failureGroups({ head: head.value, table })
    expect(groups[0].trials.length).toBeGreaterThan(500)
    for (const { code, trials } of groups) {
      const mask = rowsWhere(table, head.value, failedFor(code))
      expect([...table.numbers('trial')].filter((_, row) => mask[row] === 1)).toEqual(trials)
    }
  })
})

describe('learning curves', () => {
  it('of a metric that is called as what every object has are of the trials that report it', () => {
    const { head, table } = syntheticSweep({ trials: 3 })
    const frame = frameOf(600)
    const options = { logX: false, logY: false, smoothing: 0, step: 'step' }
    const curve = { main: 'constructor', training: 'toString' }
    const own = { constructor: { steps: [1, 2], values: [0.5, 0.25] } } as unknown as Histories
    const steps = [
      { trial: 0, status: 'finished', history: own },
      { trial: 1, status: 'finished', history: {} },
    ] as const
    const picture = stepsPicture(frame, { head: head.peek(), table }, steps, { ...options, curve })
    expect(picture.order!(new Uint8Array())).toEqual([0])
  })
})
