/**
 * A picture: what a plot shows in a frame of a certain size, and what can be done with it by pointer and keyboard. Made by pure
 * functions, drawn by plot.tsx and, in tests and where it is saved, by svg.ts.
 */
import type { Brush } from '../selection.js'
import type { Drawing, Theme } from './drawing.js'

/** Where a picture is drawn. Lengths in CSS pixels. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly theme: Theme
  /** The width of a text in small print. */
  measure(text: string): number
}

/** What is at a place: a trial, or something else that has words of its own. */
export interface Hit {
  readonly trial: number | null
  readonly x: number
  readonly y: number
  readonly title: string
  readonly lines: readonly (readonly [name: string, value: string])[]
  /** What a click does instead of picking the trial. */
  readonly act?: () => void
}

/** A direction in which a drag brushes a column. */
export interface BrushAxis {
  readonly column: string
  /** Between two pixels; null where nothing is. */
  brushOf(a: number, b: number): Brush | null
  /** The pixels of a brush, as many pieces as it has. */
  pixelsOf(brush: Brush): readonly (readonly [from: number, to: number])[]
}

/** A place where a drag brushes. */
export interface BrushArea {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly across?: BrushAxis
  readonly along?: BrushAxis
}

/** A drag that does something else than to brush. */
export interface Drag {
  move(x: number, y: number): void
  end(x: number, y: number): void
  /** It is taken back: nothing of it stays. */
  cancel?(): void
  /** What a press that does not move does. */
  click?(): void
}

/** A name in a picture that can be reached by keys: arrows move it, Enter turns it. */
export interface Handle {
  readonly column: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** What it names, and how that stands. */
  readonly label: string
  /** Moves it by so many places. Returns how it stands then, in words; null where it stands so already. */
  move(by: number): string | null
  /** Turns it, where it can be; returns how it stands then. */
  readonly turn?: () => string
}

export interface Picture {
  /** What does not depend on what is selected. In portions, for large ones. */
  draw(on: Drawing): Iterable<void> | void
  /** What is selected, over it. In portions, for much. */
  chosen?(on: Drawing, mask: Uint8Array): Iterable<void> | void
  /** As much of it as can be drawn in a frame, while a brush is dragged. Returns whether that was all. */
  sample?(on: Drawing, mask: Uint8Array): boolean
  /** Words that have to be read above all lines. */
  above?(on: Drawing): void
  /** What marks this trial, over all. */
  mark?(on: Drawing, trial: number): void
  hit?(x: number, y: number, mask: Uint8Array): Hit | null
  /** What is at a trial, for the keyboard. */
  hitOf?(trial: number): Hit | null
  /** Trials in the order in which the keyboard goes through them. */
  order?(mask: Uint8Array): readonly number[]
  /** What the keyboard goes through where that is not trials. */
  readonly stops?: readonly Hit[]
  readonly areas?: readonly BrushArea[]
  press?(x: number, y: number): Drag | null
  readonly handles?: readonly Handle[]
}

/** What a plot shows, as a table. */
export interface DataTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | null)[])[]
}

/** One of these where nothing is to be drawn, with the reason. */
export function emptyPicture(frame: Frame, reason: string): Picture {
  return {
    draw(on) {
      on.font = `400 13px ${frame.theme.family}`
      on.fillStyle = frame.theme.muted
      on.textAlign = 'center'
      on.textBaseline = 'middle'
      const lines = wrapped(reason, frame.width - 32, frame.measure)
      for (const [index, line] of lines.entries())
        on.fillText(line, frame.width / 2, frame.height / 2 + (index - (lines.length - 1) / 2) * 20)
    },
  }
}

/** A text in lines that are at most this wide, broken between words. */
function wrapped(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && measure(longer) * 1.09 > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

/** All of a picture, for a file. */
export function drawWhole(picture: Picture, on: Drawing, mask: Uint8Array): void {
  finish(picture.draw(on))
  if (picture.chosen !== undefined) finish(picture.chosen(on, mask))
  picture.above?.(on)
}

function finish(portions: Iterable<void> | void): void {
  if (portions === undefined) return
  for (const _ of portions);
}
