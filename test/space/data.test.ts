import { expect, it } from 'vitest'
import { parseSweepFile } from '../../src/space/index.js'

const problemsOf = (data: object) =>
  parseSweepFile({ data: { file: 'x.csv', target: 'y', ...data }, parameters: { k: 1 } }).then(
    () => [],
    (error) =>
      error.problems.map(({ path, message }: { path: string; message: string }) => `${path}: ${message}`),
  )

it.each<[data: object, problem: RegExp]>([
  [{ file: [] }, /^data\.file: must be a text, or a list of different texts, that are not empty/],
  [{ file: ['a.csv', 3] }, /^data\.file: .*\(got \["a\.csv",3\]\)/],
  [{ file: ['a.csv', 'a.csv'] }, /^data\.file: /],
  [{ file: '' }, /^data\.file: /],
  [{ separator: 'ab' }, /^data\.separator: .*must be one mark/],
  [{ separator: '"' }, /^data\.separator: .*must be one mark/],
  [{ decimal: ',', thousands: ',' }, /^data\.thousands: must be another mark than "decimal"/],
  [{ encoding: 'utf8' }, /^data\.encoding: .*utf-8/],
  [{ units: ['5'] }, /^data\.units\[0\]: .*must not be a number itself/],
  [{ skipLines: [0] }, /^data\.skipLines\[0\]: /],
  [{ header: [] }, /^data\.header: /],
  [{ dateFormat: { day: 7 } }, /^data\.dateFormat/],
  [{ dropRows: 'all' }, /^data\.dropRows: .*missing-target/],
  [
    { trueValues: ['Ja'], falseValues: ['nein', ' ja'] },
    /^data\.falseValues: must be other words than "trueValues"/,
  ],
])('what a file says of its data keeps the laws: %j', async (data, problem) => {
  const found = await problemsOf(data)
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(problem)
})

it('says all that can be said', async () => {
  const data = {
    ...{ file: ['a.csv', 'b.csv'], separator: '\t', decimal: ',', thousands: '.', encoding: 'latin1' },
    ...{ dateFormat: 'DD.MM.YYYY', trueValues: ['ja'], falseValues: ['nein'], dropRows: 'missing-target' },
    ...{ namelessColumn: 'keep', units: ['%', 'm2'], skipLines: [2], header: false },
  }
  expect(await problemsOf(data)).toEqual([])
  const byColumn = { header: ['day', 'y'], dateFormat: { day: 'DD.MM.YYYY' } }
  expect(await problemsOf(byColumn)).toEqual([])
})
