/** The target of a data set from its column. */

import { basename } from 'node:path'
import { type CellRules, numberIn, short } from './files/cells.js'
import type { FileColumn, FileTable } from './files/types.js'
import { numberHint, saidOf } from './hints.js'
import { ProblemList, pathOf } from './problems.js'
import type { Target, Task } from './types.js'

/** Throws DATA_INVALID where values are missing, or are not what the task needs. */
export function makeTarget(
  column: FileColumn,
  table: FileTable,
  file: string,
  task: Task | undefined,
  rules: CellRules,
): Target {
  const problems = new ProblemList()
  for (let row = 0; row < table.rows; row++) {
    const isMissing = column.kind === 'number' ? Number.isNaN(column.values[row]) : column.codes[row] < 0
    if (!isMissing) continue
    const message =
      'every row has a value of the target, and here it is missing; remove the row, or say "dropRows": "missing-target" in "data"'
    problems.addShared(table.place(row), column.name, 'present', message)
  }
  if (task === 'regression' && column.kind === 'text') {
    const { firstText, codes, categories } = column
    const isNumber = categories.map((text) => !Number.isNaN(numberIn(text, rules)))
    const someNumbers = isNumber.includes(true)
    const hint = numberHint(column, rules)
    const remedy = hint === null ? '' : `say ${saidOf(hint)} in "data", or `
    if (someNumbers) {
      for (let row = 0; row < table.rows; row++) {
        if (codes[row] < 0 || isNumber[codes[row]]) continue
        const found = short(categories[codes[row]])
        const message = `regression needs a target of numbers, and this one holds text (${JSON.stringify(found)}); ${remedy || 'mend or remove the row, or '}choose a classification trainer or another target`
        problems.addShared(table.place(row), column.name, 'regression', message, found)
      }
    }
    const path =
      firstText === null
        ? `${basename(file)}, column "${column.name}"`
        : pathOf(table.place(firstText.row), column.name)
    const found = firstText === null ? 'as "types" says' : JSON.stringify(firstText.cell)
    if (!someNumbers)
      problems.add(
        path,
        `regression needs a target of numbers, and this one holds text (${found}); ${remedy}choose a classification trainer or another target`,
      )
  }
  problems.throwIfAny('DATA_INVALID')

  if (column.kind === 'number' && task !== 'classification') {
    return { kind: 'numbers', name: column.name, values: column.values }
  }
  const target = classTargetOf(column)
  if (target.classes.length < 2) {
    problems.add(
      `${basename(file)}, column "${column.name}"`,
      `classification needs at least two classes, and every row has ${JSON.stringify(target.classes[0])}`,
    )
    problems.throwIfAny('DATA_INVALID')
  }
  return target
}

type ClassTarget = Target & { readonly kind: 'classes' }

/** The classes of a column; a missing value has the code -1 (a data set has none). */
export function classTargetOf(column: FileColumn): ClassTarget {
  return column.kind === 'number' ? classesOfNumbers(column.name, column.values) : classesOfText(column)
}

function classesOfText(column: FileColumn & { kind: 'text' }): ClassTarget {
  return { kind: 'classes', name: column.name, codes: column.codes, classes: column.categories }
}

/** Classes in the order of the numbers: 0, 1, … 9, 10. */
function classesOfNumbers(name: string, values: Float64Array): ClassTarget {
  const distinct = [...new Set(values)].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  const code = new Map(distinct.map((value, i) => [value, i]))
  const codes = new Int32Array(new SharedArrayBuffer(4 * values.length))
  for (let i = 0; i < values.length; i++) codes[i] = code.get(values[i]) ?? -1
  return { kind: 'classes', name, codes, classes: distinct.map(String) }
}
