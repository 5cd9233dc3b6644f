/** Rows as people write them mean in Python what they mean here, and are refused with the same words. */
import { describe, expect, it } from 'vitest'
import { isLooseMark, looseMarks, missingMarks } from '../../../src/data/files/cells.js'
import { type Row, type Signature, tableFromRows } from '../../../src/data/index.js'
import { readModelFile } from '../../../src/exchange/model-file/read.js'
import { pythonSource } from '../../../src/exchange/python/index.js'
import { randomStream } from '../../../src/numeric/index.js'
import { asked, bitsOf, python } from './support.js'

const columns: Signature['columns'] = [
  { name: 'number', kind: 'number' },
  { name: 'truth', kind: 'number', as: 'boolean' },
  { name: 'date', kind: 'number', as: 'date' },
  { name: 'text', kind: 'text', categories: ['x'] },
]
const signature = (notation: Partial<Signature> = {}): Signature => ({
  columns,
  task: 'regression',
  target: 'y',
  classes: null,
  ...notation,
})

/** The Python of a model of this signature. */
async function sourceOf(of: Signature): Promise<string> {
  const preprocessed = of.columns.map(({ name, kind }) =>
    kind === 'text' ? { name, kind: 'hash', columns: 1, missing: null } : { name, kind, fill: 0 },
  )
  const json = {
    format: 'espalier-model',
    version: 1,
    trainer: { kind: 'built-in', name: 'linear-regressor' },
    signature: of,
    state: {
      preprocessing: { columns: preprocessed, shift: null, scale: null },
      learned: { coefficients: preprocessed.map(() => 1), intercept: 0 },
    },
  }
  return pythonSource(await readModelFile(json as never))
}

type Read = { readonly table: readonly (readonly (string | null)[])[] } | { readonly error: string }

function ourReading(rows: readonly Row[], of: Signature): Read {
  try {
    const { table } = tableFromRows(rows, of)
    return {
      table: rows.map((_, i) =>
        table.columns.map((column) =>
          column.kind === 'number' ? bitsOf(column.values[i]) : (column.categories[column.codes[i]] ?? null),
        ),
      ),
    }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

/** Rows, each asked alone. */
async function expectSame(rows: readonly Row[], notation: Partial<Signature> = {}): Promise<void> {
  const of = signature(notation)
  const source = await sourceOf(of)
  const [theirs] = asked<Read[]>(python!, [{ source, tables: rows.map((row) => [row]) }])
  const different = rows.flatMap((row, i) => {
    const ours = ourReading([row], of)
    return JSON.stringify(ours) === JSON.stringify(theirs[i]) ? [] : [{ row, ours, theirs: theirs[i] }]
  })
  expect(different).toEqual([])
}

/** A cell in every column. */
const inAll = (cell: Row[string]): Row[] =>
  columns.map(({ name }) => ({ number: null, truth: null, date: null, text: null, [name]: cell }))

const words = [
  ...[
    '1_000',
    'inf',
    '-Infinity',
    'Infinity',
    '+inf',
    '1e999',
    '-1e999',
    'nan',
    'NAN',
    '0x1F',
    '0b1',
    '0o7',
    '-0x1',
    '0x',
    '1.#INF',
    '∞',
  ],
  ...[
    '1',
    '-1',
    '+1',
    '1.',
    '.5',
    '.',
    '-',
    '+',
    '1e5',
    '1E-5',
    '1e',
    'e5',
    '1.5.2',
    '1,5',
    '1 000',
    '00012',
    '-0',
    '١٢',
    '1d',
    '1f',
    '1j',
    '1l',
  ],
  ...[
    ' 7 ',
    '\u00a07\u3000',
    '\ufeff7',
    '7\n',
    '\u00857',
    '\u001c7',
    '\u200b7',
    '12 345,6',
    "1'000",
    '5 %',
    '%',
    '$5',
    '-$5',
    '1.234.567,89',
    '1,234.5',
  ],
  ...['true', 'FALSE', 'Yes', 'n', 't', 'ja', 'nein', 'İ', '1', '0', '2'],
  ...[
    '2024-02-29',
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '0099-01-01',
    '0100-01-01',
    '9999-12-31',
    '2024-1-1',
    '20240101',
  ],
  ...[
    '2024-03-31T13:45',
    '2024-03-31 13:45:59',
    '2024-03-31T13:45:59.123456789Z',
    '2024-03-31T24:00',
    '2024-03-31T23:59:60',
    '2024-03-31T10:00+02:00',
  ],
  ...[
    '2024-03-31T10:00-0530',
    '9999-12-31T23:59-23:59',
    '2024-03-31T10:00+2',
    '2024-03-31t10:00',
    '31.12.2024',
    '31.12.24',
    '1.2.69',
    '31/12/2024 7:05',
    '29.02.2023',
    '2024-01-01\n',
  ],
  ...['k.A.', '-999', '-999.0', ' k.A. ', 'x', ' x ', 'y'.repeat(60), 'line\nbreak', 'quote "', '😀'],
]
const values: Row[string][] = [
  null,
  true,
  false,
  0,
  1,
  2,
  -999,
  1.5,
  1e21,
  1e-7,
  123456789012345680000,
  5e-324,
  0.1,
]

const notations: readonly Partial<Signature>[] = [
  {},
  { decimal: ',' },
  { decimal: ',', thousands: '.' },
  { thousands: ',', units: ['$', '%', 'US$'] },
  { thousands: ' ', decimal: ',', units: ['€'] },
  { thousands: "'", missing: ['k.A.', '-999'], trueValues: ['Ja', 'y'], falseValues: ['nein'] },
  { thousands: '_', dateFormat: 'DD.MM.YYYY' },
  { dateFormat: { date: 'D.M.YY', other: 'YYYY' + 'MMDD' } },
  { dateFormat: 'DD/MM/YYYY H:mm' },
]

describe.skipIf(python === null)('rows in Python (skipped: no Python 3.8 or later is on the PATH)', () => {
  it('holds the same marks for missing values', async () => {
    const source = await sourceOf(signature())
    const check = `\ndef asked(_):\n    return [sorted(_MISSING), sorted(_LOOSE)]\n`
    const [[found]] = asked<[string[][]]>(python!, [
      { source: source + check, function: 'asked', values: [bitsOf(0)] },
    ])
    expect(found).toEqual([[...missingMarks].sort(), [...looseMarks].sort()])
    expect([...looseMarks].every(isLooseMark)).toBe(true)
  })

  it.each(notations)('reads cells the same: %j', async (notation) => {
    const cells = [...words, ...values, ...missingMarks, ...looseMarks]
    await expectSame(cells.flatMap(inAll), notation)
  })

  it.each(notations)('reads random texts the same: %j', async (notation) => {
    const random = randomStream(5, JSON.stringify(notation))
    const alphabet = "0123456789012345678901234567890123456789..,,--++eE% $€'_/:TZ \t\u00a0abkA"
    const texts = Array.from({ length: 600 }, () =>
      Array.from(
        { length: 1 + Math.floor(random.next() * 12) },
        () => [...alphabet][Math.floor(random.next() * [...alphabet].length)],
      ).join(''),
    )
    await expectSame(texts.flatMap(inAll), notation)
  })

  it('tells the mistakes of rows in the same words', async () => {
    const of = signature()
    const source = await sourceOf(of)
    const good = { number: 1, truth: true, date: '2024-01-01', text: 'x' }
    const asks: Row[][] = [
      [good, { ...good, number: 'a' }, { ...good, number: 'b', truth: 'maybe' }],
      Array.from({ length: 9 }, (_, i) => ({ ...good, date: `no ${i}` })),
      [
        { ...good, number: '1e999' },
        { ...good, number: 'inf' },
        { ...good, number: 'x' },
      ],
      [{ number: 1, truth: true, date: '2024-01-01' }],
      [],
      [{ ...good, extra: 1 }, {}],
    ]
    const [theirs] = asked<Read[]>(python!, [{ source, tables: asks }])
    asks.forEach((rows, i) => {
      expect(theirs[i]).toEqual(ourReading(rows, of))
    })
  })
})
