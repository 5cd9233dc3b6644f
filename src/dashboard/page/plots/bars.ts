/** Bars with names: how much of each, with an interval where it is known only so far. */
import { fitted } from './axes.js'
import { hair, segment, write } from './drawing.js'
import { emptyPicture, type Frame, type Hit, type Picture } from './picture.js'

export interface Bar {
  readonly label: string
  readonly value: number
  readonly low?: number
  readonly high?: number
  /** At the end of the bar. */
  readonly text: string
  readonly colour?: string
  /** A second measure of the same, as a hollow mark. */
  readonly beside?: number | null
  readonly lines: Hit['lines']
  readonly act?: () => void
}

export const barHeight = 26
/** Above the bars, where a legend stands. */
export const barsTop = 8

export function barsPicture(frame: Frame, bars: readonly Bar[], most: number, nothing: string): Picture {
  const { theme, measure, width } = frame
  if (bars.length === 0) return emptyPicture(frame, nothing)
  const names = Math.min(width * 0.38, Math.max(...bars.map(({ label }) => measure(label))) + 2)
  const texts = Math.max(...bars.map(({ text }) => measure(text)))
  const left = names + 12
  const right = Math.max(left + 30, width - texts - 12)
  const at = (value: number) => left + (Math.min(most, Math.max(0, value)) / (most || 1)) * (right - left)
  const middle = (index: number) => barsTop + index * barHeight + barHeight / 2
  const hits = bars.map(
    ({ label, lines, act, value }, index): Hit => ({
      trial: null,
      x: at(value),
      y: middle(index),
      title: label,
      lines,
      act,
    }),
  )
  return {
    draw(on) {
      on.strokeStyle = theme.line
      on.lineWidth = 1
      segment(on, hair(left), barsTop, hair(left), barsTop + bars.length * barHeight)
      for (const [
        index,
        { label, value, low, high, text, colour = theme.accent, beside },
      ] of bars.entries()) {
        const y = middle(index)
        write(on, theme, fitted(label, names, measure), names, y, {
          align: 'right',
          baseline: 'middle',
          colour: theme.text,
        })
        on.fillStyle = colour
        on.globalAlpha = 0.85
        on.fillRect(left, y - 7, Math.max(value > 0 ? 1 : 0, at(value) - left), 14)
        on.globalAlpha = 1
        if (low !== undefined && high !== undefined) {
          on.strokeStyle = theme.text
          on.lineWidth = 1.25
          segment(on, at(low), y, at(high), y)
          segment(on, at(low), y - 3, at(low), y + 3)
          segment(on, at(high), y - 3, at(high), y + 3)
        }
        if (beside != null) diamond(on, theme.surface, theme.text, at(beside), y)
        write(on, theme, text, width, y, { align: 'right', baseline: 'middle' })
      }
    },
    hit(_, y) {
      const index = Math.floor((y - barsTop) / barHeight)
      return hits[index] ?? null
    },
    stops: hits,
  }
}

function diamond(
  on: Parameters<Picture['draw']>[0],
  inside: string,
  edge: string,
  x: number,
  y: number,
): void {
  on.beginPath()
  on.moveTo(x, y - 5)
  on.lineTo(x + 5, y)
  on.lineTo(x, y + 5)
  on.lineTo(x - 5, y)
  on.closePath()
  on.fillStyle = inside
  on.fill()
  on.strokeStyle = edge
  on.lineWidth = 1.5
  on.stroke()
}
