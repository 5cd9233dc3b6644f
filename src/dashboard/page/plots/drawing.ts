/**
 * What plots draw on: the part of CanvasRenderingContext2D that they use. A canvas has it, and so has the writer of SVG (svg.ts):
 * the picture on the screen and the one that is saved come from the same lines. Lengths are in CSS pixels.
 */
export interface Drawing {
  fillStyle: string
  strokeStyle: string
  lineWidth: number
  globalAlpha: number
  /** `600 12px sans-serif`. */
  font: string
  textAlign: 'left' | 'right' | 'center'
  textBaseline: 'top' | 'middle' | 'alphabetic' | 'bottom'
  lineJoin: 'round' | 'miter' | 'bevel'
  lineCap: 'butt' | 'round' | 'square'
  save(): void
  restore(): void
  translate(x: number, y: number): void
  rotate(radians: number): void
  beginPath(): void
  moveTo(x: number, y: number): void
  lineTo(x: number, y: number): void
  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void
  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void
  arc(x: number, y: number, radius: number, from: number, to: number): void
  rect(x: number, y: number, width: number, height: number): void
  closePath(): void
  fill(rule?: 'nonzero' | 'evenodd'): void
  stroke(): void
  fillRect(x: number, y: number, width: number, height: number): void
  clip(): void
  setLineDash(lengths: number[]): void
  fillText(text: string, x: number, y: number): void
}

/** Colours and type that a plot draws with: CSS colours, and a font family. */
export interface Theme {
  readonly surface: string
  readonly text: string
  readonly muted: string
  readonly faint: string
  readonly line: string
  readonly grid: string
  readonly accent: string
  readonly good: string
  readonly bad: string
  readonly warn: string
  readonly finished: string
  readonly pruned: string
  readonly failed: string
  readonly running: string
  readonly interrupted: string
  readonly unselected: string
  readonly highlight: string
  /** Of kinds, eight. */
  readonly kinds: readonly string[]
  /** From the worst value to the best, six, as `rgb(r, g, b)`. */
  readonly ramp: readonly string[]
  readonly family: string
}

const smallSize = 12

export function font(theme: Theme, size = smallSize, weight = 400): string {
  return `${weight} ${size}px ${theme.family}`
}

/** How to write a text at a place. */
export interface TextStyle {
  readonly colour?: string
  readonly align?: Drawing['textAlign']
  readonly baseline?: Drawing['textBaseline']
  readonly size?: number
  readonly weight?: number
}

export function write(
  on: Drawing,
  theme: Theme,
  text: string,
  x: number,
  y: number,
  { colour = theme.muted, align = 'left', baseline = 'alphabetic', size, weight }: TextStyle = {},
): void {
  on.font = font(theme, size, weight)
  on.fillStyle = colour
  on.textAlign = align
  on.textBaseline = baseline
  on.fillText(text, x, y)
}

/** A text with an edge of the surface's colour, to be read above lines and dots. */
export function writeAbove(
  on: Drawing,
  theme: Theme,
  text: string,
  x: number,
  y: number,
  width: number,
  style: TextStyle = {},
): void {
  const left = style.align === 'right' ? x - width : style.align === 'center' ? x - width / 2 : x
  on.save()
  on.globalAlpha = 0.85
  on.fillStyle = theme.surface
  on.fillRect(left - 2, y - 8, width + 4, 16)
  on.restore()
  write(on, theme, text, x, y, { baseline: 'middle', ...style })
}

/** A straight line; at half pixels it is one pixel sharp. */
export function segment(on: Drawing, x0: number, y0: number, x1: number, y1: number): void {
  on.beginPath()
  on.moveTo(x0, y0)
  on.lineTo(x1, y1)
  on.stroke()
}

export function hair(value: number): number {
  return Math.round(value - 0.5) + 0.5
}

export function circle(on: Drawing, x: number, y: number, radius: number): void {
  on.beginPath()
  on.arc(x, y, radius, 0, 2 * Math.PI)
}

export function cross(on: Drawing, x: number, y: number, half: number): void {
  on.beginPath()
  on.moveTo(x - half, y - half)
  on.lineTo(x + half, y + half)
  on.moveTo(x - half, y + half)
  on.lineTo(x + half, y - half)
  on.stroke()
}
