import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  type DatasetOptions,
  readDataset,
  readTable,
  signatureOf,
  statedFormatProblem,
  tableFromRows,
} from '../../src/data/index.js'
import { rejection, temporaryFile } from '../training/support.js'

const read = (content: string | Uint8Array, options: Partial<DatasetOptions> = {}, name = 'data.csv') =>
  readDataset(temporaryFile(name, content), { target: 'y', ...options })
type Read = Awaited<ReturnType<typeof readDataset>>

/** Feature columns as kind and plain values. */
function features({ dataset: { columns } }: Pick<Read, 'dataset'>): Record<string, unknown[]> {
  return Object.fromEntries(
    columns.map((column) => [
      column.name,
      column.kind === 'number'
        ? [column.as ?? 'number', ...column.values]
        : ['text', ...Array.from(column.codes, (code) => column.categories[code] ?? null)],
    ]),
  )
}

describe('the separator', () => {
  const table = (mark: string) => [`a${mark}b${mark}y`, `1${mark}x${mark}0`, `2${mark}"y${mark}z"${mark}1`]

  it.each([
    [';', 'semicolons'],
    ['\t', 'tabs'],
    ['|', 'bars (|)'],
  ])('%j is found out and told', async (mark, name) => {
    const found = await read(table(mark).join('\n'))
    expect(features(found)).toEqual({ a: ['number', 1, 2], b: ['text', 'x', `y${mark}z`] })
    expect(found.notes).toEqual([
      `data.csv: cells are separated by ${name} (they divide its first rows evenly)`,
    ])
    expect(found.readings).toEqual([{ encoding: 'utf-8', separator: mark, decimal: '.' }])
  })

  it('is nothing to tell of where it is a comma, or stated', async () => {
    expect((await read(table(',').join('\n'))).notes).toEqual([])
    expect((await read(table(';').join('\n'), { separator: ';' })).notes).toEqual([])
    expect(features(await read(table('#').join('\n'), { separator: '#' })).b).toEqual(['text', 'x', 'y#z'])
  })

  it('is what divides all rows alike, not what happens to be in cells', async () => {
    // Decimal commas and a comma in the header: by commas every row has two cells too.
    const found = await read('size, cm;b;y\n0,5;1;0\n1,5;2;1\n')
    expect(features(found)).toEqual({ 'size, cm': ['number', 0.5, 1.5], b: ['number', 1, 2] })
    // Semicolons within the texts of a file with commas.
    expect(features(await read('a,b,y\n1,p;q,0\n2,r;s,1\n')).b).toEqual(['text', 'p;q', 'r;s'])
  })

  it('leaves mistakes in rows to be told as such', async () => {
    const error = await rejection(read('a;b;y\n1;2;0\n1;2\n'))
    expect(error.problems[0]).toMatchObject({
      path: 'data.csv line 3',
      message: expect.stringContaining('as many cells as the header (3)'),
    })
  })
})

describe('the decimal mark', () => {
  it('is found out by cells that can be nothing else', async () => {
    const found = await read('a;b;y\n1;0,5;0\n2;-1,25e2;1\n3;,75;0\n')
    expect(features(found).b).toEqual(['number', 0.5, -125, 0.75])
    expect(found.notes[1]).toBe(
      'data.csv: numbers are written with a decimal comma (by "0,5" in line 2, column "b")',
    )
    expect(found.readings[0].decimal).toBe(',')
    expect(features(await read('a;y\n0.5;0\n1.5;1\n')).a).toEqual(['number', 0.5, 1.5])
    // Within quotes in a file with commas.
    expect(features(await read('a,y\n"0,5",0\n"1,5",1\n')).a).toEqual(['number', 0.5, 1.5])
  })

  it('is not told by an exponent alone, as R writes beside decimal commas', async () => {
    const found = await read('a;b;y\n1e-04;0,5;0\n1,234e-05;2;1\n1E+05;3;0\n')
    expect(features(found).a).toEqual(['number', 0.0001, 0.00001234, 100_000])
    expect(features(await read('a;y\n1.005e3;0\n1e5;1\n')).a).toEqual(['number', 1005, 100_000])
    expect(features(await read('a;y\n1e3;0\n2e3;1\n')).a).toEqual(['number', 1000, 2000])
  })

  it.each(['1,005', '1.005'])('is asked for where %s could be a thousand and five', async (cell) => {
    const error = await rejection(read(`a;y\n${cell};0\n`))
    expect(error.message).toContain('before decimals or between thousands')
    expect(error.message).toContain(`"${cell}" in line 2, column "a"`)
    const mark = cell[1] as ',' | '.'
    const text = `a;y\n${cell};0\n3;1\n`
    expect(features(await read(text, { decimal: mark })).a).toEqual(['number', 1.005, 3])
    expect(features(await read(text, { thousands: mark })).a).toEqual(['number', 1005, 3])
  })

  it('is asked for where columns have both', async () => {
    const error = await rejection(read('a;b;y\n0,5;0.5;0\n'))
    expect(error.message).toContain(
      'seems to have both ("0,5" in line 2, column "a"; "0.5" in line 2, column "b")',
    )
    const types = { b: 'text' } as const
    expect(features(await read('a;b;y\n0,5;0.5;0\n', { types })).a).toEqual(['number', 0.5])
  })

  describe('where its first 20,000 rows have no decimals', () => {
    const whole = (separator: string) =>
      `a${separator}b${separator}y\n${`1${separator}2${separator}0\n`.repeat(20_000)}`

    it('is found out by the first row that has', async () => {
      const found = await read(`${whole(';')}1;2,5;1\n`)
      expect(features(found).b.slice(-2)).toEqual([2, 2.5])
      expect(found.notes[1]).toBe(
        'data.csv: numbers are written with a decimal comma (by "2,5" in line 20002, column "b")',
      )
      expect(features(await read(`${whole(';')}1.5;2;1\n`)).a.slice(-2)).toEqual([1, 1.5])
      expect(features(await read(`${whole(',')}1,"2,5",1\n`)).b.slice(-2)).toEqual([2, 2.5])
    })

    it('is asked for where that row could be a thousand', async () => {
      for (const cell of ['1.005', '1,005']) {
        const error = await rejection(read(`${whole(';')}${cell};2;1\n`))
        expect(error.message).toContain(`"${cell}" in line 20002, column "a"`)
      }
      // What follows it decides.
      expect(features(await read(`${whole(';')}1,005;2;1\n0,5;2;1\n`)).a.slice(-2)).toEqual([1.005, 0.5])
    })
  })

  it('is told of where a later row has the other one', async () => {
    const found = await read(`a;y\n${'0,5;0\n'.repeat(20_000)}0.5;1\n1.005;1\n`)
    expect(features(found).a[0]).toBe('text')
    expect(found.warnings[0]).toContain(
      '2 cells of 20002 are no numbers: line 20002 ("0.5") and line 20003 ("1.005")',
    )
    const error = await rejection(read(`a;y\n${'0,5;0\n'.repeat(20_000)}0.5;1\n`, { types: { a: 'number' } }))
    expect(error.message).toContain('data.csv line 20002, column "a": this column holds numbers')
  })

  it('may have marks between thousands, where they are stated and in their places', async () => {
    const german = { decimal: ',', thousands: '.' } as const
    const text = 'a;y\n1.234.567,5;0\n12,25;1\n-1.000;0\n'
    expect(features(await read(text, german)).a).toEqual(['number', 1234567.5, 12.25, -1000])
    expect(features(await read('a;y\n1.23;0\n', german)).a[0]).toBe('text')
    expect(features(await read('a,y\n"1,005.5",0\n7,1\n', { thousands: ',' })).a).toEqual([
      'number',
      1005.5,
      7,
    ])
    expect(features(await read('a,y\n1\u00a0005,0\n1 006,1\n', { thousands: ' ' })).a).toEqual([
      'number',
      1005,
      1006,
    ])
    const unstated = await read(`a;b;y\n${'1.005,5;0,5;0\n1.006,5;0,5;1\n'.repeat(5)}`)
    expect(unstated.warnings.join()).toContain('say "thousands": "." in "data"')
  })
})

describe('units beside numbers', () => {
  it('are taken off where they are stated, and known to the model', async () => {
    const text = 'a;b;c;y\n65,2 %;1.234,50 €;7 kg;0\n-5%;€ 7;8 kgs;1\n6;-€0,5;9 kg;1\n'
    const units = ['%', '€', 'kg']
    const found = await read(text, { units, thousands: '.' })
    expect(features(found)).toEqual({
      a: ['number', 65.2, -5, 6],
      b: ['number', 1234.5, 7, -0.5],
      c: ['text', '7 kg', '8 kgs', '9 kg'],
    })
    const signature = signatureOf(found.dataset)
    expect(signature.units).toEqual(units)
    const { table } = tableFromRows([{ a: '1,5 %', b: 7, c: '7 kg' }], signature)
    expect(table.columns[0].kind === 'number' && table.columns[0].values[0]).toBe(1.5)
  })

  it('leave a number what it is, and a unit alone no number', async () => {
    const found = await read('a,b,y\n5e3,%,0\n1e3,5 %,1\n', { units: ['e3', '%'] })
    expect(features(found)).toEqual({ a: ['number', 5000, 1000], b: ['text', '%', '5 %'] })
  })

  it('do not hide the decimal mark', async () => {
    const found = await read('a;y\n1,5 €;0\n2,5 €;1\n', { units: ['€'] })
    expect(features(found).a).toEqual(['number', 1.5, 2.5])
    // What is not stated is told of.
    const { warnings } = await read('a;y\n1,5 €;0\n2,5 €;1\n')
    expect(warnings[0]).toContain('("1,5 €"); say "units": ["€"] in "data"')
  })

  it('are no thousands where a number is below one', async () => {
    const { warnings } = await read('a,b,y\n"0,500",1.5,0\n"1,500",1.5,1\n')
    expect(warnings[0]).toContain('write numbers plainly')
    expect(warnings[0]).not.toContain('thousands')
  })

  it('are named where a target of numbers has them', async () => {
    const error = await rejection(read('a,y\n1,5 %\n2,6 %\n', { task: 'regression' }))
    expect(error.message).toContain('holds text ("5 %"); say "units": ["%"] in "data", or choose')
    const mixed = await rejection(read('a,y\n1,5\n2,$6\n', { task: 'regression' }))
    expect(mixed.message).toContain('holds text ("$6"); say "units": ["$"] in "data", or choose')
  })

  it.each([
    ['of two kinds', ['5 km', '300 m']],
    ['that some lack', ['5 %', '0.3']],
    ['before them, as of codes', ['A5', 'A6']],
    ['on both sides', ['€5 k', '€6 k']],
  ])('are not told of: %s', async (_, cells) => {
    const { warnings } = await read(`a,y\n${cells.map((cell, i) => `${cell},${i}`).join('\n')}\n`)
    expect(warnings.join()).not.toContain('units')
  })
})

describe('a line of units under the header', () => {
  it('is told of, with the line to skip', async () => {
    const text = 'a,b,c,y\n[mm],kg,,p\n1.5,2,x,p\n2.5,3,z,q\n3.5,,z,q\n'
    const found = await read(text)
    expect(found.warnings).toEqual([
      'data.csv: 2 columns are read as text, because line 2 has no number in it, as a line of units has none ("a" "[mm]" and "b" "kg"); say "skipLines": [2] in "data"',
    ])
    expect(features(await read(text, { skipLines: [2] }))).toEqual({
      a: ['number', 1.5, 2.5, 3.5],
      b: ['number', 2, 3, Number.NaN],
      c: ['text', 'x', 'z', 'z'],
    })
  })

  it.each([
    ['one odd cell', 'a,b,y\nkg,2,p\n1,2,p\n2,3,q\n3,4,q\n'],
    ['a text that comes again', 'a,b,y\nk,k,p\n1,2,p\nk,k,q\n3,4,q\n'],
    ['columns of texts', 'a,b,y\nk,l,p\nm,2,p\nm,k,q\nn,4,q\n'],
  ])('is none: %s', async (_, text) => {
    expect((await read(text)).warnings.join()).not.toContain('skipLines')
  })
})

describe('names of columns that are numbers', () => {
  it('are told of, where they could be a row', async () => {
    const { warnings } = await read('0.5,7,1\n0.1,3,0\n0.9,9,1\n', { target: '1' })
    expect(warnings[0]).toBe(
      'data.csv: the names of columns are numbers ("0.5", "7" and "1"), as in a row; say "header": false in "data" where the file has no header',
    )
    // Years, names that a program counted, and a number among names.
    expect((await read('0,1,2\n0,1,2\n5,5,5\n', { target: '2' })).warnings).toEqual([])
    expect((await read('2019,2020,y\n0.1,3,0\n0.9,9,1\n')).warnings).toEqual([])
    expect((await read('0.5,b,y\n0.1,3,0\n0.9,9,1\n')).warnings).toEqual([])
  })
})

describe('classes of the target that look like one', () => {
  it('are told of', async () => {
    const { warnings } = await read('a,y\n1,yes\n2,Yes\n3,no\n4,new  one\n5,New one\n')
    expect(warnings).toEqual([
      'data.csv: classes of the target "y" differ in upper and lower case or in blanks alone, and are classes of their own: "New one" = "new  one" and "Yes" = "yes"; write them alike where they are one',
    ])
    expect((await read('a,y\n1,yes\n2,no\n')).warnings).toEqual([])
  })

  it('or like no value', async () => {
    const { warnings } = await read('a,y\n1,yes\n2,no\n3,#WERT!\n4,None\n')
    expect(warnings).toEqual([
      'data.csv: the target "y" has "#WERT!" for a class, as programs write where there is no value; say "missing": ["#WERT!"] and "dropRows": "missing-target" in "data" where it is none',
    ])
  })
})

describe('the encoding', () => {
  const text = 'ort,größe,y\nMünchen,0,0\nŁódź “x” 🌲,1,1\n'
  const expected = features
  const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16()
  const utf16 = Buffer.from(text, 'utf16le')

  it.each<[name: string, bytes: Buffer, encoding: string]>([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), 'utf-8'],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 big-endian with a mark', swapped(Buffer.from(`\ufeff${text}`, 'utf16le')), 'utf-16be'],
    ['UTF-16 without a mark', utf16, 'utf-16le'],
    ['UTF-16 big-endian without a mark', swapped(utf16), 'utf-16be'],
  ])('%s is found out', async (_, bytes, encoding) => {
    const found = await read(bytes)
    expect(expected(found)).toEqual({ ort: ['text', 'München', 'Łódź “x” 🌲'], größe: ['number', 0, 1] })
    expect(found.readings[0].encoding).toBe(encoding)
    expect(found.notes).toHaveLength(encoding === 'utf-8' ? 0 : 1)
  })

  it('is Windows-1252 where it is no UTF-8, by the table of the standard', async () => {
    const bytes = Buffer.concat([
      Buffer.from('a,y\n'),
      Buffer.of(0x80, 0xe9, 0x92, 0x9f),
      Buffer.from(',1\nb,2\n'),
    ])
    const found = await read(bytes)
    expect(features(found).a).toEqual(['text', '€é’Ÿ', 'b'])
    expect(found.notes).toEqual([
      'data.csv: read as Windows-1252 (it is no valid UTF-8 (first at byte 5, 0x80))',
    ])
    expect(features(await read(bytes, { encoding: 'latin1' })).a[1]).toBe('\u0080é\u0092\u009f')
  })

  it('is refused where it is none of those, or not the stated one', async () => {
    const bytes = Buffer.concat([Buffer.from('a,y\n'), Buffer.of(0x81), Buffer.from(',1\n')])
    expect((await rejection(read(bytes))).message).toContain('byte 5 of this one (0x81) is in none of them')
    expect((await rejection(read(bytes, { encoding: 'utf-8' }))).message).toContain(
      'says UTF-8, and this file is not',
    )
    const odd = Buffer.concat([utf16, Buffer.of(0)])
    expect((await rejection(read(odd, { encoding: 'utf-16le' }))).message).toContain('even number of bytes')
  })

  it('of a long file in UTF-16 is read in pieces without a seam', async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `🌲${i},${i % 2}`)
    const found = await read(Buffer.from(`a,y\n${rows.join('\n')}\n`, 'utf16le'))
    const [, ...texts] = features(found).a
    expect(texts).toEqual(rows.map((row) => row.split(',')[0]))
  })
})

describe('packed files', () => {
  const text = 'a,y\n1,0\n2,1\n'

  it('are unpacked, with the format of what is in them, and digested as they are', async () => {
    const packed = gzipSync(text)
    for (const name of ['data.csv.gz', 'data.csv'])
      expect(features(await read(packed, {}, name)).a).toEqual(['number', 1, 2])
    expect(features(await read(gzipSync('{"a":1,"y":0}\n{"a":2,"y":1}\n'), {}, 'd.jsonl.gz')).a).toEqual([
      'number',
      1,
      2,
    ])
    const cut = packed.subarray(0, packed.length - 6)
    expect((await rejection(read(cut))).message).toContain('no gzip file that can be read')
  })

  it('in zip hold one file, whose checksum is looked at', async () => {
    for (const stored of [
      zip([['in/data.tsv', text.replaceAll(',', '\t')]]),
      zip([
        ['__MACOSX/._x', 'x'],
        ['data.csv', text],
      ]),
    ])
      expect(features(await read(stored, {}, 'data.zip')).a).toEqual(['number', 1, 2])
    const two = zip([
      ['a.csv', text],
      ['b.csv', text],
    ])
    expect((await rejection(read(two, {}, 'data.zip'))).message).toContain('this one holds 2 (a.csv, b.csv)')
    const workbook = zip([
      ['[Content_Types].xml', '<Types/>'],
      ['xl/workbook.xml', '<workbook/>'],
    ])
    expect((await rejection(read(workbook, {}, 'data.xlsx'))).message).toContain('save its sheet as CSV')
    const broken = zip([['data.csv', text]])
    broken[broken.indexOf('1,0')] = 0x37
    expect((await rejection(read(broken, {}, 'data.zip'))).message).toContain('checksum')
  })
})

/** A zip file whose members are stored as they are (PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16). */
function zip(members: readonly [name: string, text: string][]): Buffer {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let at = 0
  for (const [name, text] of members) {
    const [file, content] = [Buffer.from(name), Buffer.from(text)]
    // Both headers share version, flags, method, time, date, CRC-32, sizes, length of the name and of what follows it.
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt32LE(crc32(content), 10)
    shared.writeUInt32LE(content.length, 14)
    shared.writeUInt32LE(content.length, 18)
    shared.writeUInt16LE(file.length, 22)
    locals.push(Buffer.from('PK\x03\x04'), shared, file, content)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(at, 10)
    central.push(Buffer.from('PK\x01\x02'), Buffer.of(20, 0), shared, place, file)
    at += 30 + file.length + content.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(members.length, 4)
  end.writeUInt16LE(members.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end])
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

describe('dates', () => {
  it('are read by a stated format, and in ISO 8601 beside it', async () => {
    const found = await read('d,y\n31.03.2024,1\n2024-03-31,2\n01.01.1970,3\n', { dateFormat: 'DD.MM.YYYY' })
    expect(features(found).d).toEqual(['date', 19813, 19813, 0])
    const us = await read('d,y\n3/31/24 06:30,1\n', { dateFormat: 'M/D/YY HH:mm' })
    expect(features(us).d).toEqual(['date', 19813 + 6.5 / 24])
    expect(features(await read('d,y\n30.02.2024,1\n', { dateFormat: 'DD.MM.YYYY' })).d[0]).toBe('text')
    const compact = { dateFormat: 'YYYYMMDD', types: { d: 'date' } } as const
    expect(features(await read('d,y\n20240331,1\n', compact)).d).toEqual(['date', 19813])
  })

  it('have a format for each column that is named', async () => {
    const text = 'd,e,f,y\n31.03.2024,3/31/2024,2024-03-31,1\n01.04.2024,4/1/2024,2024-04-01,2\n'
    const dateFormat = { d: 'DD.MM.YYYY', e: 'M/D/YYYY' }
    const found = await read(text, { dateFormat })
    const days = ['date', 19813, 19814]
    expect(features(found)).toEqual({ d: days, e: days, f: days })
    expect(found.warnings).toEqual([])
    const signature = signatureOf(found.dataset)
    expect(signature.dateFormat).toEqual(dateFormat)
    const { table } = tableFromRows([{ d: '31.03.2024', e: '3/31/2024', f: '2024-03-31' }], signature)
    expect(table.columns.map((column) => column.kind === 'number' && column.values[0])).toEqual([
      ...[19813, 19813, 19813],
    ])
    const swapped = [{ d: '3/31/2024', e: '31.03.2024', f: null }]
    expect(() => tableFromRows(swapped, signature)).toThrow('and 1 more problem')
    const error = await rejection(read(text, { dateFormat: { g: 'DD.MM.YYYY' } }))
    expect(error.message).toContain('"dateFormat" names columns of the file, and "g" is none')
    expect(statedFormatProblem({ d: 'DD.MM.YYYY', e: 'DD' })).toMatchObject({ column: 'e' })
  })

  it('are told of where no format is stated, and both where two fit', async () => {
    expect((await read('d,y\n31.03.2024,1\n01.04.2024,2\n')).warnings[0]).toContain(
      'say "dateFormat": {"d": "DD.MM.YYYY"} in',
    )
    expect((await read('d,y\n03/04/2024,1\n04/05/2024,2\n')).warnings[0]).toContain(
      'say "dateFormat": {"d": "DD/MM/YYYY"} or {"d": "MM/DD/YYYY"}, whichever it is',
    )
  })

  it.each([
    ['DD.MM', /lacks the year/],
    ['dd.mm.yyyy', /lacks the year and the month and the day/],
    ['DD.MM.YYYY DD', /the day twice/],
    ['DD MMM YYYY', /the month twice/],
    ['DD.MM.YYYY mm', /has an hour/],
    ['DD. of MM YYYY', /"o" is none of them/],
  ])('in the format %j are refused', (format, message) => {
    expect(statedFormatProblem(format)?.message).toMatch(message)
    expect(statedFormatProblem('YYYY-MM-DDTHH:mm:ss')).toBeNull()
  })
})

it('truth values may have words of their own', async () => {
  const words = { trueValues: ['ja'], falseValues: ['Nein'] }
  const found = await read('a,b,y\nja,ja,1\nNEIN,vielleicht,2\ntrue,nein,3\n', words)
  expect(features(found)).toEqual({
    a: ['boolean', 1, 0, 1],
    b: ['text', 'ja', 'vielleicht', 'nein'],
  })
})

describe('rows without a target', () => {
  it('are left out where that is stated, and counted', async () => {
    const text = 'a,b,y\n1,x,u\nNone,w,\n3,z,v\n-,x,u\n'
    const testFile = temporaryFile('test.csv', 'a,b,y\n5,x,\n6,x,u\n')
    const found = await read(text, { dropRows: 'missing-target', testFile })
    expect(features(found)).toEqual({ a: ['number', 1, 3, Number.NaN, 6], b: ['text', 'x', 'z', 'x', 'x'] })
    expect(found.layout.testRows).toBe(1)
    expect(found.notes).toEqual([
      'data.csv: 1 row is left out, without a value of the target "y"',
      'test.csv: 1 row is left out, without a value of the target "y"',
    ])
    // Lines are those of the file.
    expect(found.warnings[0]).toContain('1 cell is taken for missing: line 5 ("-")')
    const categories = found.dataset.columns[1]
    expect(categories.kind === 'text' && categories.categories).toEqual(['x', 'z'])
    expect((await rejection(read(text))).message).toContain('"dropRows": "missing-target"')
  })
})

describe('a first column without a name', () => {
  const text = ',a,y\n0,1,u\n1,2,v\n'

  it('is left out, unless it is stated or listed, and told of', async () => {
    const found = await read(text)
    expect(features(found)).toEqual({ a: ['number', 1, 2] })
    expect(found.notes[0]).toContain('the first column has no name, and is called "index"')
    for (const options of [{ namelessColumn: 'keep' }, { columns: ['index', 'a'] }] as const) {
      const kept = await read(text, options)
      expect(features(kept)).toEqual({ index: ['number', 0, 1], a: ['number', 1, 2] })
      expect(kept.notes).toEqual([])
    }
    expect(features(await read(',index,y\n0,1,u\n1,2,v\n'))).toEqual({ index: ['number', 1, 2] })
  })

  it('is the only one that may have none', async () => {
    expect((await rejection(read('a,,y\n1,2,3\n'))).message).toContain('the header of column 2 is empty')
  })

  it('of rows to predict is passed over in silence', async () => {
    const { dataset } = await read(text)
    const { table, warnings, notes } = await readTable(temporaryFile('new.csv', text), signatureOf(dataset))
    expect([table.rows, warnings, notes]).toEqual([2, [], []])
  })
})

describe('several files', () => {
  const files = (...contents: (string | Uint8Array)[]) =>
    contents.map((content, i) => temporaryFile(`part-${i}.csv`, content))

  it('are one table, each in its own dialect, rows in the order given', async () => {
    const parts = files('a,t,y\n1.5,p,u\n', 'y;t;a\nv;q;2,5\n', gzipSync('a,t,y\n-,r,u\n'))
    const found = await readDataset(parts, { target: 'y' })
    expect(features(found)).toEqual({ a: ['number', 1.5, 2.5, Number.NaN], t: ['text', 'p', 'q', 'r'] })
    expect(found.dataset.target).toMatchObject({ codes: Int32Array.of(0, 1, 0), classes: ['u', 'v'] })
    expect(found.readings.map(({ separator, decimal }) => separator + decimal)).toEqual([',.', ';,', ',.'])
    expect(found.warnings).toEqual([
      'part-0.csv: column "a" holds numbers, and 1 cell is taken for missing: part-2.csv line 2 ("-"); say "types": {"a": "text"} if they are values',
    ])
    expect(found.digests).toHaveLength(3)
    const turned = await readDataset([parts[1], parts[0], parts[2]], { target: 'y' })
    expect(turned.digest).not.toBe(found.digest)
    expect(signatureOf(found.dataset).decimal).toBe(',')
  })

  it('have columns of one kind: of texts where one of them has texts', async () => {
    const found = await readDataset(files('a,y\n1.0,u\n', 'a,y\nx,v\n', 'a,y\n,u\n'), { target: 'y' })
    expect(features(found).a).toEqual(['text', '1.0', 'x', null])
  })

  it('have the same columns', async () => {
    const error = await rejection(readDataset(files('a,y\n1,u\n', 'A,b,y\n1,2,v\n'), { target: 'y' }))
    expect(error.problems.map(({ path }) => path)).toEqual(new Array(3).fill('part-1.csv line 1'))
    expect(error.message).toContain('"a" of part-0.csv is missing; did you mean "A"?')
  })
})

describe('a model', () => {
  it('trained on decimal commas predicts from such a file and from a plain one', async () => {
    const { dataset } = await read('a;t;y\n0,5;p;0\n1,5;q;1\n', { thousands: '.', dateFormat: 'DD.MM.YYYY' })
    const signature = signatureOf(dataset)
    expect(signature).toMatchObject({ decimal: ',', thousands: '.', dateFormat: 'DD.MM.YYYY' })
    const values = async (text: string) => {
      const { table } = await readTable(temporaryFile('new.csv', text), signature)
      const [column] = table.columns
      return column.kind === 'number' && [...column.values]
    }
    expect(await values('a;t\n2,5;p\n1.234,5;p\n')).toEqual([2.5, 1234.5])
    expect(await values('a,t\n2.5,p\n3,q\n')).toEqual([2.5, 3])
    expect(await values('t\ta\np\t2.5\n')).toEqual([2.5])
    // Nothing in the file tells: as it was trained.
    expect(await values('a;t\n1,005;p\n')).toEqual([1.005])
    const rows = tableFromRows(
      [
        { a: '2,5', t: 'p' },
        { a: '2.25', t: 'p' },
        { a: 3.5, t: 'p' },
      ],
      signature,
    )
    expect(rows.table.columns[0]).toMatchObject({ values: Float64Array.of(2.5, 2.25, 3.5) })
  })

  it('trained on a plain file predicts from one with semicolons and decimal commas', async () => {
    const { dataset } = await read('a,t,y\n0.5,p,0\n1.5,q,1\n')
    const file = temporaryFile('new.csv', 'a;t\n2,5;p\n')
    const { table, notes } = await readTable(file, signatureOf(dataset))
    expect(table.columns[0]).toMatchObject({ values: Float64Array.of(2.5) })
    expect(notes).toHaveLength(2)
    expect((await readTable(file, signatureOf(dataset), { separator: ';', decimal: ',' })).notes).toEqual([])
  })
})

it('sums up ten thousand wrong cells by their column', async () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => `wrong ${i},${i % 2 ? '' : 'x'},${i % 2}`)
  const error = await rejection(read(`a,b,y\n${rows.join('\n')}\n`, { types: { a: 'number', b: 'boolean' } }))
  expect(error.problems).toHaveLength(2)
  expect(error.problems[0].message).toContain('9999 further cells')
  expect(error.problems[1].message).toContain('4999 further cells')
})

it('reads as recorded, whatever would be found out today', async () => {
  const text = 'a;b,y\n1;2,0\n3;4,1\n'
  const readings = [{ encoding: 'utf-8', separator: ',', decimal: '.' }] as const
  expect(features(await read(text, { readings }))).toEqual({ 'a;b': ['text', '1;2', '3;4'] })
})
