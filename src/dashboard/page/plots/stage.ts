/**
 * Three canvases on each other: what does not change with the selection, what is selected, and what is marked or brushed. Each
 * is drawn anew only when it has to, and none before it is in view.
 */
import { effect } from '@preact/signals'
import type { LoadedSweep } from '../loaded.js'
import { type Drawing, font } from './drawing.js'
import type { Frame, Picture } from './picture.js'
import { forget, schedule } from './scheduler.js'
import { appearance, readTheme, watchAppearance } from './theme.js'

export type MakePicture = (frame: Frame) => Picture

/** ms for which a picture that is being drawn is not given up for a newer one: else one that grows would never be whole. */
const patience = 3000

const layers = ['base', 'chosen', 'over'] as const
type Layer = (typeof layers)[number]

export class Stage {
  /** Of the pointer: drawn at once. */
  urgent = false
  /** Where a brush is that is not let go yet. */
  rubber: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null =
    null
  readonly #host: HTMLElement
  readonly #sweep: LoadedSweep | null
  readonly #onPicture: (picture: Picture) => void
  readonly #canvases: Readonly<Record<Layer, HTMLCanvasElement>>
  readonly #owners: Readonly<Record<Layer, object>> = { base: {}, chosen: {}, over: {} }
  readonly #stops: (() => void)[] = []
  #make: MakePicture | null = null
  #height = 0
  #seen = false
  #stale = true
  #frame: Frame | null = null
  #picture: Picture | null = null
  /** When the picture that is being drawn was begun; null where none is. */
  #begun: number | null = null
  #whole = false
  #later: ReturnType<typeof setTimeout> | undefined

  /** @param onPicture told of each picture when it is made. */
  constructor(host: HTMLElement, sweep: LoadedSweep | null, onPicture: (picture: Picture) => void) {
    this.#host = host
    this.#sweep = sweep
    this.#onPicture = onPicture
    const [base, chosen, over] = host.querySelectorAll('canvas')
    this.#canvases = { base, chosen, over }
    watchAppearance()
    const inView = new IntersectionObserver(
      (entries) => {
        this.#seen = entries[entries.length - 1].isIntersecting
        if (this.#seen) this.#refresh()
      },
      { rootMargin: '120px' },
    )
    inView.observe(host)
    const size = new ResizeObserver(() => {
      if (this.#frame?.width !== Math.floor(host.clientWidth)) this.invalidate()
    })
    size.observe(host)
    this.#stops.push(
      () => inView.disconnect(),
      () => size.disconnect(),
      effect(() => {
        appearance.value
        this.invalidate()
      }),
    )
    if (sweep === null) return
    this.#stops.push(
      effect(() => {
        sweep.mask.value
        this.#draw('chosen')
      }),
      effect(() => {
        sweep.hovered.value
        sweep.selection.value
        this.drawOver()
      }),
    )
  }

  stop(): void {
    for (const stop of this.#stops) stop()
    clearTimeout(this.#later)
    for (const layer of layers) forget(this.#owners[layer])
  }

  get picture(): Picture | null {
    return this.#picture
  }

  get frame(): Frame | null {
    return this.#frame
  }

  /** What is to be shown from now on. */
  show(make: MakePicture, height: number): void {
    if (this.#make === make && this.#height === height) return
    const before = this.#height
    this.#make = make
    this.#height = height
    if (this.#begun === null || before !== height) this.invalidate()
    else this.#wait(this.#begun)
  }

  /** Draws what has come meanwhile when what is being drawn is whole, or has taken too long. */
  #wait(begun: number): void {
    this.#stale = true
    clearTimeout(this.#later)
    this.#later = setTimeout(() => this.invalidate(), Math.max(0, begun + patience - performance.now()))
  }

  /** Another size, other colours, other data. */
  invalidate(): void {
    this.#stale = true
    if (this.#seen) this.#refresh()
  }

  drawOver(): void {
    this.#draw('over')
  }

  /** The picture in a frame of its size, for a file. */
  make(): { readonly picture: Picture; readonly frame: Frame } | null {
    if (this.#make === null) return null
    const frame = this.#newFrame()
    return { frame, picture: this.#make(frame) }
  }

  #refresh(): void {
    if (!this.#stale || this.#make === null || this.#host.clientWidth === 0) return
    clearTimeout(this.#later)
    this.#stale = false
    this.#draw('base', true)
  }

  #newFrame(): Frame {
    const theme = readTheme(this.#host)
    const context = this.#canvases.over.getContext('2d')!
    const known = new Map<string, number>()
    return {
      width: Math.floor(this.#host.clientWidth),
      height: this.#height,
      theme,
      measure(text) {
        let width = known.get(text)
        if (width === undefined) {
          context.font = font(theme)
          width = context.measureText(text).width
          known.set(text, width)
        }
        return width
      },
    }
  }

  #draw(layer: Layer, anew = false): void {
    if (!this.#seen || (!anew && this.#stale)) return
    schedule(this.#owners[layer], this.urgent || layer === 'over', () => this.#portions(layer, anew))
  }

  *#portions(layer: Layer, anew: boolean): Generator<void> {
    if (anew && layer === 'base' && this.#make !== null) {
      this.#frame = this.#newFrame()
      this.#picture = this.#make(this.#frame)
      this.#onPicture(this.#picture)
      this.#begun = performance.now()
      this.#draw('chosen', true)
      this.#draw('over', true)
    }
    const picture = this.#picture
    if (picture === null || this.#frame === null) return
    const canvas = this.#canvases[layer]
    if (layer === 'base') yield* this.#drawBase(canvas, picture, this.#frame)
    else if (layer === 'chosen') yield* this.#drawChosen(canvas, picture, this.#frame)
    else this.#drawMarks(cleared(canvas, this.#frame), picture, this.#frame)
  }

  /** In sight the first time; later out of sight, so that what is there stays until what is new is whole. */
  *#drawBase(canvas: HTMLCanvasElement, picture: Picture, frame: Frame): Generator<void> {
    if (this.#whole) {
      const behind = document.createElement('canvas')
      yield* picture.draw(cleared(behind, frame)) ?? []
      replace(canvas, behind)
    } else yield* picture.draw(cleared(canvas, frame)) ?? []
    this.#whole = true
    this.#begun = null
    if (this.#stale) this.#refresh()
  }

  /** A sample at once where there is much; the whole of it out of sight, and then in its place. */
  *#drawChosen(canvas: HTMLCanvasElement, picture: Picture, frame: Frame): Generator<void> {
    const on = cleared(canvas, frame)
    const mask = this.#sweep?.mask.peek() ?? new Uint8Array()
    if (picture.sample === undefined) {
      yield* picture.chosen?.(on, mask) ?? []
      return
    }
    if (picture.sample(on, mask)) return
    yield
    const behind = document.createElement('canvas')
    yield* picture.chosen?.(cleared(behind, frame), mask) ?? []
    replace(canvas, behind)
  }

  #drawMarks(on: Drawing, picture: Picture, frame: Frame): void {
    const { accent } = frame.theme
    picture.above?.(on)
    const brushes = this.#sweep?.selection.peek().brushes ?? {}
    for (const { x, y, width, height, across, along } of picture.areas ?? []) {
      const pieces = (axis: typeof across, from: number, to: number) => {
        const brush = axis === undefined ? undefined : brushes[axis.column]
        return brush === undefined || axis === undefined
          ? { has: false, at: [[from, to] as const] }
          : { has: true, at: axis.pixelsOf(brush) }
      }
      const columns = pieces(across, x, x + width)
      const rows = pieces(along, y, y + height)
      if (!columns.has && !rows.has) continue
      for (const [left, right] of columns.at)
        for (const [top, bottom] of rows.at) box(on, accent, left, top, right - left, bottom - top)
    }
    if (this.rubber !== null) {
      const { x, y, width, height } = this.rubber
      box(on, accent, x, y, width, height)
    }
    const hovered = this.#sweep?.hovered.peek() ?? null
    if (hovered !== null) picture.mark?.(on, hovered)
  }
}

function replace(canvas: HTMLCanvasElement, by: HTMLCanvasElement): void {
  if (canvas.width !== by.width || canvas.height !== by.height) {
    canvas.width = by.width
    canvas.height = by.height
    canvas.style.width = by.style.width
    canvas.style.height = by.style.height
  }
  const context = canvas.getContext('2d')!
  context.reset()
  context.drawImage(by, 0, 0)
}

/** A canvas of the size of a frame, with nothing on it. */
function cleared(canvas: HTMLCanvasElement, { width, height }: Frame): Drawing {
  const ratio = Math.min(3, devicePixelRatio || 1)
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w
    canvas.height = h
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
  }
  const context = canvas.getContext('2d')!
  context.reset()
  context.scale(ratio, ratio)
  // A canvas takes gradients and patterns too: of a drawing only plain colours are asked.
  return context as unknown as Drawing
}

function box(on: Drawing, colour: string, x: number, y: number, width: number, height: number): void {
  on.save()
  on.fillStyle = colour
  on.strokeStyle = colour
  on.globalAlpha = 0.13
  on.fillRect(x, y, width, height)
  on.globalAlpha = 0.75
  on.lineWidth = 1
  on.beginPath()
  on.rect(
    Math.round(x) + 0.5,
    Math.round(y) + 0.5,
    Math.max(1, Math.round(width) - 1),
    Math.max(1, Math.round(height) - 1),
  )
  on.stroke()
  on.restore()
}
