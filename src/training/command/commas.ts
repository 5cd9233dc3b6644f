/**
 * Numbers that go on behind a comma, `1,234.5` or `0,25`, told apart from values with commas between them, `0.25,0.5,1`. A pattern
 * that takes digits alone cuts the former, and what it takes looks like a number.
 *
 * What is written decides: the digits, points and commas around what was taken, without a blank. One comma between whole numbers is a
 * decimal comma or stands between thousands; so are commas before three digits each, and one behind points before three digits each.
 * Anything else is several values, and so is what fills square brackets, stands behind another comma, or in a time of day. Where both
 * may be meant the number is refused, until the pattern says it: with the comma and what takes the digits on its other side.
 */

/** Marks between thousands, and decimal marks. */
const divided =
  /^[1-9]\d{0,2}(?:(?:,\d{3})+(?:\.\d+)?|([_'’\u00a0\u2009\u202f])\d{3}(?:\1\d{3})*(?:[.,]\d+)?)$/
const pointed = /^[1-9]\d{0,2}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})$/
const decimal = /^\d+,\d+$/

const before = /[\d.,_'’\u00a0\u2009\u202f]*$/
const behind = /^[\d.,_'’\u00a0\u2009\u202f]*/
/** Longer ones are no numbers; so the line is not gone over from every place in it. */
const longest = 64
const mantissa = /^(\s*[-+]?)([\d.]*\d[\d.]*)((?:e[-+]?\d*)?)\s*%?\s*$/i

/** What a pattern has itself at the sides of a group: a comma with digits beyond it. */
export interface CommasWritten {
  readonly before: boolean
  readonly behind: boolean
}

/** The number of which only a part is taken, from one place of a line to another; null where what is taken is one by itself. */
export function numberAround(
  line: string,
  [from, to]: readonly [number, number],
  written: CommasWritten,
): string | null {
  // Those with commas in them, and what is no number, are judged as they are.
  const [, sign, digits, power] = mantissa.exec(line.slice(from, to)) ?? []
  if (digits === undefined) return null
  const begin = from + sign.length
  const end = begin + digits.length
  const head = sign.trim() === '' ? marksBefore(line, begin) : ''
  const tail = power === '' ? behind.exec(line.slice(end, end + longest))![0].replace(/\D+$/, '') : ''
  const whole = `${head}${digits}${tail}`
  if (![divided, pointed, decimal].some((form) => form.test(whole))) return null
  if (written.behind || (head !== '' && written.before)) return null
  const left = line.slice(0, begin - head.length)
  const right = line.slice(end + tail.length)
  if (left.endsWith('[') && /^[\],]/.test(right)) return null
  if (/\d\d:\d\d:$/.test(left)) return null
  // A name: run1_234, 1_234abc.
  if (whole.includes('_') && (/\w$/.test(left) || /^\w/.test(right))) return null
  return `${sign.trim()}${whole}`
}

function marksBefore(line: string, begin: number): string {
  const [marks] = before.exec(line.slice(Math.max(0, begin - longest), begin))!
  return marks.replace(/^[^\d.,]+/, '')
}

/** What a pattern has at the sides of its group: of that name, else of the first one. */
export function commasWritten(pattern: string, name: string): CommasWritten {
  const [open, close] = groupOf(pattern, name) ?? [0, 0]
  return {
    before: /(?:,|\[(?!\^)[^\]]*,[^\]]*\]|\\[DW])(?:(?:\\s| )?[*+?]*)$/.test(pattern.slice(0, open)),
    behind:
      /^(?:\(\?[:=]|\))*(?:(?:\\s| )[*?])?(?:,|\[(?!\^)[^\]]*,[^\]]*\])(?:\((?:\?(?:[:=]|<\w+>))?)*(?:\\[dSw]|\[|\d)/.test(
        pattern.slice(close),
      ),
  }
}

/** Where a group begins and ends in a pattern, with its brackets. */
function groupOf(pattern: string, name: string): readonly [open: number, close: number] | null {
  const named = pattern.includes(`(?<${name}>`)
  let isFirst = true
  const open: { readonly at: number; readonly isMeant: boolean }[] = []
  for (const { 0: token, index } of pattern.matchAll(
    /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<(?![=!])\w+>|<?[:=!]))?|\)/g,
  )) {
    if (token.startsWith('(')) {
      const captures = token === '(' || /^\(\?<\w/.test(token)
      open.push({ at: index, isMeant: named ? token === `(?<${name}>` : captures && isFirst })
      if (captures) isFirst = false
    } else if (token === ')') {
      const group = open.pop()
      if (group?.isMeant) return [group.at, index + 1]
    }
  }
  return null
}
