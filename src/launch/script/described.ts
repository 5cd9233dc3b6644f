/** What the description of an option says of its default, type, choices and bounds. */
import { type Declaration, typeOfWord } from './declaration.js'
import type { OptionType, ScriptOption } from './types.js'

/** `(default: 0.1)`, `[default: 2; 1<=x<=10]`, `defaults to 0.1`, `(default 0.1)`; a quoted text, a list, or what goes to the next mark. */
const defaultIn =
  /(?:\bdefaults?(?: value)?(?: is)?\s*[:=]\s*|\bdefaults to:?\s+|\bdefault is:?\s+|[[(]default(?: is)?\s+)('[^']*'|"[^"]*"|\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|<[^>]*>|[^\s,;)\]]+)/gi

export function described(declaration: Declaration, says: string): ScriptOption {
  const { flag, names, off, isOpen } = declaration
  const typed = declaration.type ?? typeIn(says)
  const listed = declaration.choices ?? choicesIn(says)
  const isValue =
    isOpen && declaration.takes === 'nothing' && typed !== 'bool' && (typed !== null || listed !== null)
  return {
    ...{ flag, names, off },
    takes: isValue ? 'one' : declaration.takes,
    type: typed,
    choices: listed,
    ...boundsIn(says),
    default: defaultOf(says),
    required: /[[(]required\b/i.test(says),
    says: withoutFigures(says),
    source: null,
  }
}

function defaultOf(says: string): string | null {
  const found = [...says.matchAll(defaultIn)].at(-1)?.[1]
  if (found === undefined) return null
  const value = found.replace(/^(['"])(.*)\1$/, '$2').replace(/(?<=\w)\.$/, '')
  return /^(==suppress==|)$/i.test(value) ? null : value
}

/** Of jsonargparse, fire, absl and yargs. */
function typeIn(says: string): OptionType | null {
  const word =
    /\btype:\s*(\w+)/i.exec(says)?.[1] ??
    /[[(](?:an? )?(?:non-negative |positive )?(integer|number|boolean|string|float)\b[^)\]]*[)\]]/.exec(
      says,
    )?.[1]
  return word === undefined ? null : typeOfWord(word)
}

/** Of commander, yargs and clap. */
function choicesIn(says: string): string[] | null {
  const list = /[[(](?:choices|possible values|one of):?\s*([^[\]()]+?)(?:,\s*default:[^[\]()]*)?[\])]/i.exec(
    says,
  )?.[1]
  if (list === undefined) return null
  return list.split(/\s*[,|]\s*/).map((one) => one.replace(/^(['"])(.*)\1$/, '$2'))
}

/** `1<=x<=10`, `x>0`, of click; `(a non-negative number)` of absl. */
function boundsIn(says: string): Pick<ScriptOption, 'min' | 'max' | 'above'> {
  const number = '([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)'
  const low = new RegExp(`${number}\\s*(<=?)\\s*x\\b`).exec(says)
  const least = new RegExp(`\\bx\\s*(>=?)\\s*${number}`).exec(says)
  const high = new RegExp(`\\bx\\s*<=?\\s*${number}`).exec(says)
  const isNotNegative = /\(a non-negative /.test(says)
  return {
    min: low !== null ? Number(low[1]) : least !== null ? Number(least[2]) : isNotNegative ? 0 : null,
    max: high !== null ? Number(high[1]) : null,
    above: low?.[2] === '<' || least?.[1] === '>',
  }
}

/** The words alone: what else stands there is told by the parameter. */
function withoutFigures(says: string): string {
  return says
    .replace(
      /\s*[[(](?:default|required|choices|type|number|string|boolean|an? |\d+\s*<=?\s*x|x\s*[<>])[^[\]()]*(?:[[(][^[\]()]*[\])][^[\]()]*)*[\])]/gi,
      '',
    )
    .replace(/\s*\b(?:Type|Default):\s*\S+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
