/** Numbers as axes and words of plots have them: short, and as exact as what is beside them. */
import { number, seconds } from '../../../shown.js'

const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹'
/** A thin blank that does not break lines, between thousands. */
const thin = '\u202f'

/** 10⁻⁵, 3×10⁸. `digits`: behind the point; as many as there are unless given. */
function power(value: number, digits?: number): string {
  const [mantissa, exponent] = value.toExponential(digits).split('e')
  const up = [...String(Math.abs(Number(exponent)))].map((digit) => raised[Number(digit)]).join('')
  const ten = `10${exponent.startsWith('-') ? '⁻' : ''}${up}`
  const shown = signed(mantissa)
  return shown === '1' ? ten : shown === '−1' ? `−${ten}` : `${shown}×${ten}`
}

function signed(text: string): string {
  return text.startsWith('-') ? `−${text.slice(1)}` : text
}

function grouped(text: string): string {
  const [whole, rest] = text.split('.')
  const groups = whole.replace(/^-?\d{5,}$/, (all) => all.replace(/\B(?=(\d{3})+$)/g, thin))
  return signed(rest === undefined ? groups : `${groups}.${rest}`)
}

/** Values at even steps, all with the digits that tell neighbours apart. */
export function tickTexts(values: readonly number[]): string[] {
  if (values.length === 0) return []
  const most = Math.max(...values.map(Math.abs))
  const step = values.length > 1 ? Math.abs(values[1] - values[0]) : most || 1
  if (most >= 1e7 || (most > 0 && most < 1e-4)) {
    const digits = Math.max(
      0,
      Math.min(6, Math.floor(Math.log10(most)) - Math.floor(Math.log10(step) + 1e-9)),
    )
    return values.map((value) => (value === 0 ? '0' : power(value, digits)))
  }
  let decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  // 2.5 at a time needs one more.
  while (decimals < 12 && Math.abs(Number(step.toFixed(decimals)) - step) > step * 1e-6) decimals++
  return values.map((value) => grouped((Math.abs(value) < step * 1e-9 ? 0 : value).toFixed(decimals)))
}

/** One of a log axis. */
export function logTickText(value: number): string {
  if (value >= 1e-3 && value < 1e6) return grouped(String(Number(value.toPrecision(3))))
  return power(value, Number(value.toPrecision(1)) === value ? 0 : 1)
}

/** A number in words, with as many significant digits as are worth reading. */
export function shortNumber(value: number, digits = 4): string {
  if (Number.isSafeInteger(value) && Math.abs(value) < 1e7) return grouped(String(value))
  const size = Math.abs(value)
  if (size >= 1e7 || (size > 0 && size < 1e-4)) return power(Number(value.toPrecision(digits - 1)))
  return grouped(String(Number(value.toPrecision(digits))))
}

/** A value of a column, in the unit that its name says. */
export function cellText(column: string, value: number): string {
  return isSeconds(column) ? seconds(value) : signed(number(value))
}

export function isSeconds(column: string): boolean {
  return column === 'seconds' || column.endsWith('Seconds')
}

/** 12,000 as `12 000`. */
export function countText(count: number): string {
  return grouped(String(count))
}

const parts = [1, 2, 5].flatMap((digit) => [digit / 1000, digit / 100, digit / 10]).sort((a, b) => a - b)
const steps = [
  ...parts,
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  3600,
  7200,
  10_800,
  21_600,
  43_200,
  86_400,
]

/** Seconds from the begin, at steps that clocks have. */
export function elapsedTicks(from: number, to: number, most: number): { at: number; text: string }[] {
  const span = to - from
  const step = steps.find((one) => span / one <= most) ?? 86_400 * Math.ceil(span / most / 86_400)
  const ticks: { at: number; text: string }[] = []
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k++)
    ticks.push({ at: k * step, text: elapsedText(k * step, step) })
  return ticks
}

function elapsedText(at: number, step: number): string {
  if (at === 0) return '0'
  if (step < 1) return `${Number(at.toPrecision(4))} s`
  if (step < 60) return at < 60 ? `${at} s` : `${Math.floor(at / 60)}:${two(at % 60)}`
  if (step < 3600) return at < 3600 ? `${at / 60} min` : `${Math.floor(at / 3600)} h ${two((at % 3600) / 60)}`
  return at < 172_800 ? `${at / 3600} h` : `${Math.round(at / 864) / 100} d`
}

function two(value: number): string {
  return String(Math.round(value)).padStart(2, '0')
}

/** Instants by the clock of the reader. `ahead`: minutes that his clock is ahead of UTC. In ms since 1970. */
export function clockTicks(
  from: number,
  to: number,
  most: number,
  ahead: number,
): { at: number; text: string }[] {
  const shift = ahead * 60_000
  const ticks = elapsedTicks((from + shift) / 1000, (to + shift) / 1000, most)
  const step = ticks.length > 1 ? ticks[1].at - ticks[0].at : 1
  return ticks.map(({ at }) => {
    const date = new Date(at * 1000)
    const day = `${date.getUTCDate()} ${months[date.getUTCMonth()]}`
    const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
    const text =
      step >= 86_400
        ? day
        : step >= 60
          ? clock
          : `${clock}:${two(Math.floor(date.getUTCSeconds()))}${step < 1 ? (at % 1).toFixed(digitsOf(step)).slice(1) : ''}`
    return { at: at * 1000 - shift, text }
  })
}

/** Digits behind the point that tell parts of a second apart. */
function digitsOf(step: number): number {
  return Math.ceil(-Math.log10(step) - 1e-9)
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
