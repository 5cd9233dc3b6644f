/**
 * A drawing as SVG text. It is written, not built as a document, so that it needs no browser, is the same everywhere, and meets
 * no policy on styles.
 */
import type { Drawing } from './drawing.js'

/** What `save` keeps and `restore` brings back of what is set by name. */
const styles = [
  'fillStyle',
  'strokeStyle',
  'lineWidth',
  'globalAlpha',
  'font',
  'textAlign',
  'textBaseline',
  'lineJoin',
  'lineCap',
] as const

interface State {
  readonly styles: Partial<Drawing>
  readonly dash: string
  readonly clip: string
  /** x' = a·x + c·y + e, y' = b·x + d·y + f: turns and shifts alone. */
  readonly matrix: readonly [a: number, b: number, c: number, d: number, e: number, f: number]
}

const anchors = { left: 'start', center: 'middle', right: 'end' } as const
/** In parts of the size of the font, as most fonts have it. */
const risen = { alphabetic: 0, middle: 0.35, top: 0.8, bottom: -0.2 } as const

export class SvgDrawing implements Drawing {
  fillStyle = '#000'
  strokeStyle = '#000'
  lineWidth = 1
  globalAlpha = 1
  font = '400 12px sans-serif'
  textAlign: Drawing['textAlign'] = 'left'
  textBaseline: Drawing['textBaseline'] = 'alphabetic'
  lineJoin: Drawing['lineJoin'] = 'miter'
  lineCap: Drawing['lineCap'] = 'butt'
  readonly #parts: string[] = []
  readonly #saved: State[] = []
  #dash = ''
  #clip = ''
  #clips = 0
  #matrix: State['matrix'] = [1, 0, 0, 1, 0, 0]
  #path: string[] = []

  /** The whole file. `title` is what a screen reader says of it. */
  text(width: number, height: number, title: string): string {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img"><title>${escaped(title)}</title>${this.#parts.join('')}</svg>\n`
  }

  save(): void {
    const kept = Object.fromEntries(styles.map((name) => [name, this[name]]))
    this.#saved.push({ styles: kept, dash: this.#dash, clip: this.#clip, matrix: this.#matrix })
  }

  restore(): void {
    const state = this.#saved.pop()
    if (state === undefined) return
    Object.assign(this, state.styles)
    this.#dash = state.dash
    this.#clip = state.clip
    this.#matrix = state.matrix
  }

  translate(x: number, y: number): void {
    const [a, b, c, d, e, f] = this.#matrix
    this.#matrix = [a, b, c, d, a * x + c * y + e, b * x + d * y + f]
  }

  rotate(radians: number): void {
    const [a, b, c, d, e, f] = this.#matrix
    const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
    this.#matrix = [a * cos + c * sin, b * cos + d * sin, c * cos - a * sin, d * cos - b * sin, e, f]
  }

  beginPath(): void {
    this.#path = []
  }

  moveTo(x: number, y: number): void {
    this.#path.push(`M${this.#point(x, y)}`)
  }

  lineTo(x: number, y: number): void {
    this.#path.push(`${this.#path.length === 0 ? 'M' : 'L'}${this.#point(x, y)}`)
  }

  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void {
    this.#path.push(`Q${this.#point(cx, cy)} ${this.#point(x, y)}`)
  }

  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void {
    this.#path.push(`C${this.#point(ax, ay)} ${this.#point(bx, by)} ${this.#point(x, y)}`)
  }

  arc(x: number, y: number, radius: number, from: number, to: number): void {
    const at = (angle: number) => this.#point(x + radius * Math.cos(angle), y + radius * Math.sin(angle))
    const r = short(radius)
    const begin = `${this.#path.length === 0 || Math.abs(to - from) >= 2 * Math.PI ? 'M' : 'L'}${at(from)}`
    const middle = (from + to) / 2
    this.#path.push(`${begin}A${r} ${r} 0 0 1 ${at(middle)}A${r} ${r} 0 0 1 ${at(to)}`)
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.#path.push(
      `M${this.#point(x, y)}L${this.#point(x + width, y)}L${this.#point(x + width, y + height)}L${this.#point(x, y + height)}Z`,
    )
  }

  closePath(): void {
    this.#path.push('Z')
  }

  fill(rule?: 'nonzero' | 'evenodd'): void {
    const how = rule === 'evenodd' ? ' fill-rule="evenodd"' : ''
    this.#add(`<path d="${this.#path.join('')}" fill="${escaped(this.fillStyle)}"${how}${this.#common()}/>`)
  }

  stroke(): void {
    const cap = this.lineCap === 'butt' ? '' : ` stroke-linecap="${this.lineCap}"`
    const join = this.lineJoin === 'miter' ? '' : ` stroke-linejoin="${this.lineJoin}"`
    const dash = this.#dash === '' ? '' : ` stroke-dasharray="${this.#dash}"`
    this.#add(
      `<path d="${this.#path.join('')}" fill="none" stroke="${escaped(this.strokeStyle)}" stroke-width="${short(this.lineWidth)}"${cap}${join}${dash}${this.#common()}/>`,
    )
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    const before = this.#path
    this.#path = []
    this.rect(x, y, width, height)
    this.fill()
    this.#path = before
  }

  clip(): void {
    const id = `clip-${++this.#clips}`
    this.#add(`<clipPath id="${id}"${this.#clip}><path d="${this.#path.join('')}"/></clipPath>`)
    this.#clip = ` clip-path="url(#${id})"`
  }

  setLineDash(lengths: number[]): void {
    this.#dash = lengths.map(short).join(' ')
  }

  fillText(text: string, x: number, y: number): void {
    const [, weight, size, family] = /^(\d+) ([\d.]+)px (.*)$/.exec(this.font) ?? [
      '',
      '400',
      '12',
      'sans-serif',
    ]
    const [a, b, c, d] = this.#matrix
    const dy = Number(size) * risen[this.textBaseline]
    const turned = a === 1 && b === 0
    const place = turned
      ? `x="${short(x + this.#matrix[4])}" y="${short(y + this.#matrix[5] + dy)}"`
      : `transform="matrix(${[a, b, c, d, this.#matrix[4], this.#matrix[5]].map(short).join(' ')})" x="${short(x)}" y="${short(y + dy)}"`
    const bold = weight === '400' ? '' : ` font-weight="${weight}"`
    this.#add(
      `<text ${place} font-family="${escaped(family)}" font-size="${size}"${bold} text-anchor="${anchors[this.textAlign]}" fill="${escaped(this.fillStyle)}"${this.#common()}>${escaped(text)}</text>`,
    )
  }

  #add(part: string): void {
    this.#parts.push(part)
  }

  #common(): string {
    return `${this.globalAlpha === 1 ? '' : ` opacity="${short(this.globalAlpha)}"`}${this.#clip}`
  }

  #point(x: number, y: number): string {
    const [a, b, c, d, e, f] = this.#matrix
    return `${short(a * x + c * y + e)},${short(b * x + d * y + f)}`
  }
}

/** Hundredths of a pixel are seen by nobody. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** Also without what XML cannot hold at all. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
