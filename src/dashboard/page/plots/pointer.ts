/** What pointer and keyboard do on a stage: point at trials, pick and open them, and brush. */
import type { LoadedSweep } from '../loaded.js'
import type { Brush, Selection } from '../selection.js'
import type { BrushArea, BrushAxis, Drag, Hit } from './picture.js'
import type { Stage } from './stage.js'

/** Pixels within which a press is a click. */
const still = 4
/** Pixels within which an edge of a brush is taken. */
const grip = 7
const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 } as const

export interface PointerActions {
  /** What is pointed at; by the keyboard where `said`. */
  tell(hit: Hit | null, said: boolean): void
}

/** Listens on the uppermost canvas. Returns how to stop. */
export function listen(
  canvas: HTMLCanvasElement,
  stage: Stage,
  sweep: LoadedSweep | null,
  { tell }: PointerActions,
): () => void {
  let drag: Drag | null = null
  let from: { x: number; y: number; additive: boolean } | null = null

  const place = (event: MouseEvent) => {
    const bounds = canvas.getBoundingClientRect()
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top }
  }
  const hitAt = (x: number, y: number) =>
    stage.picture?.hit?.(x, y, sweep?.mask.peek() ?? new Uint8Array()) ?? null
  const pointAt = (hit: Hit | null, said = false) => {
    if (sweep !== null) sweep.hovered.value = hit?.trial ?? null
    tell(hit, said)
  }
  const areaAt = (x: number, y: number) =>
    stage.picture?.areas?.find(
      (one) => x >= one.x && x <= one.x + one.width && y >= one.y && y <= one.y + one.height,
    )

  const down = (event: PointerEvent) => {
    if (event.button !== 0 || !event.isPrimary) return
    const { x, y } = place(event)
    from = { x, y, additive: event.shiftKey || event.ctrlKey || event.metaKey }
    const pressed = stage.picture?.press?.(x, y) ?? null
    const area = areaAt(x, y)
    drag = pressed ?? (area !== undefined && sweep !== null ? brushing(stage, sweep, area, x, y) : null)
    if (drag === null) return
    stage.urgent = true
    canvas.setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent) => {
    const { x, y } = place(event)
    if (drag !== null && from !== null) {
      if (Math.hypot(x - from.x, y - from.y) >= still || stage.rubber !== null) {
        pointAt(null)
        drag.move(x, y)
      }
      return
    }
    const hit = hitAt(x, y)
    canvas.style.cursor = hit !== null ? 'pointer' : areaAt(x, y) !== undefined ? 'crosshair' : ''
    pointAt(hit)
  }
  const up = (event: PointerEvent) => {
    if (from === null || !event.isPrimary) return
    const { x, y } = place(event)
    const moved = Math.hypot(x - from.x, y - from.y) >= still
    const { additive } = from
    const ended = drag
    letGo()
    if (moved) ended?.end(x, y)
    else if (ended?.click !== undefined) ended.click()
    else {
      const hit = hitAt(x, y)
      click(hit, x, y, additive)
      // A finger points at nothing before it picks.
      if (event.pointerType === 'touch') pointAt(hit)
    }
  }
  const letGo = () => {
    from = null
    drag = null
    stage.urgent = false
  }
  /** The browser has taken the pointer for itself, to scroll with it. */
  const cancel = (event: PointerEvent) => {
    if (!event.isPrimary) return
    drag?.cancel?.()
    letGo()
  }
  const click = (hit: Hit | null, x: number, y: number, additive: boolean) => {
    if (hit?.act !== undefined) hit.act()
    else if (hit?.trial != null && sweep !== null) pick(sweep, hit.trial, additive)
    else if (sweep !== null) clear(sweep, areaAt(x, y))
  }
  const leave = (event: Event) => {
    // What a finger has picked is told until it taps elsewhere.
    const isLifted = event instanceof PointerEvent && event.pointerType === 'touch'
    if (drag === null && !isLifted) pointAt(null)
  }
  const open = (event: MouseEvent) => {
    const { x, y } = place(event)
    const trial = hitAt(x, y)?.trial
    if (trial != null) sweep?.open(trial)
  }
  // A finger scrolls the page, but for where it brushes upright axes or drags what can be dragged.
  const touch = (event: TouchEvent) => {
    if (event.touches.length > 1) return
    const bounds = canvas.getBoundingClientRect()
    const x = event.touches[0].clientX - bounds.left
    const y = event.touches[0].clientY - bounds.top
    const area = areaAt(x, y)
    if ((area !== undefined && area.across === undefined) || stage.picture?.press?.(x, y) != null)
      event.preventDefault()
  }
  let stop = -1
  const step = (event: KeyboardEvent, stops: readonly Hit[]) => {
    const by = steps[event.key as keyof typeof steps]
    if (by !== undefined) {
      stop = Math.min(stops.length - 1, Math.max(0, stop < 0 ? 0 : stop + by))
      if (stops.length > 0) pointAt(stops[stop], true)
    } else if (event.key === 'Enter' || event.key === ' ') {
      const hit = stops[stop]
      if (hit?.act !== undefined) hit.act()
      else if (hit?.trial != null) sweep?.open(hit.trial)
    } else return
    event.preventDefault()
  }
  const key = (event: KeyboardEvent) => {
    if (stage.picture?.stops !== undefined) {
      step(event, stage.picture.stops)
      return
    }
    if (sweep === null || stage.picture === null || event.altKey || event.metaKey || event.ctrlKey) return
    const by = steps[event.key as keyof typeof steps]
    const now = sweep.hovered.peek()
    if (by !== undefined) {
      const order = stage.picture.order?.(sweep.mask.peek()) ?? []
      if (order.length === 0) return
      const at = now === null ? -1 : order.indexOf(now)
      const next = at < 0 ? (by > 0 ? 0 : order.length - 1) : at + by * (event.shiftKey ? 10 : 1)
      const trial = order[Math.min(order.length - 1, Math.max(0, next))]
      pointAt(stage.picture.hitOf?.(trial) ?? null, true)
    } else if (event.key === 'Enter' && now !== null) sweep.open(now)
    else if (event.key === ' ' && now !== null) pick(sweep, now, true)
    else if (event.key === 'Escape') {
      pointAt(null)
      for (const area of stage.picture.areas ?? []) clear(sweep, area)
      if (sweep.selection.peek().picked.length > 0)
        sweep.selection.value = { ...sweep.selection.peek(), picked: [] }
    } else return
    event.preventDefault()
  }

  const listeners = [
    ['pointerdown', down],
    ['pointermove', move],
    ['pointerup', up],
    ['pointercancel', cancel],
    ['pointerleave', leave],
    ['dblclick', open],
    ['keydown', key],
    ['blur', leave],
  ] as const
  for (const [name, listener] of listeners) canvas.addEventListener(name, listener as EventListener)
  canvas.addEventListener('touchstart', touch, { passive: false })
  return () => {
    for (const [name, listener] of listeners) canvas.removeEventListener(name, listener as EventListener)
    canvas.removeEventListener('touchstart', touch)
  }
}

/** Alone, or beside those that are picked; a second time it is let go. */
function pick(sweep: LoadedSweep, trial: number, additive: boolean): void {
  const { picked } = sweep.selection.peek()
  const has = picked.includes(trial)
  const next = additive
    ? has
      ? picked.filter((one) => one !== trial)
      : [...picked, trial]
    : has && picked.length === 1
      ? []
      : [trial]
  sweep.selection.value = { ...sweep.selection.peek(), picked: next }
}

export function setBrush(sweep: LoadedSweep, column: string, brush: Brush | null): void {
  const selection = sweep.selection.peek()
  const { [column]: _, ...others } = selection.brushes
  const brushes: Selection['brushes'] = brush === null ? others : { ...others, [column]: brush }
  sweep.selection.value = { ...selection, brushes }
}

function clear(sweep: LoadedSweep, area: BrushArea | undefined): void {
  const { picked, brushes } = sweep.selection.peek()
  const columns = [area?.across?.column, area?.along?.column].filter((one) => one !== undefined)
  const had = columns.filter((column) => column in brushes)
  for (const column of had) setBrush(sweep, column, null)
  if (had.length === 0 && picked.length > 0) sweep.selection.value = { ...sweep.selection.peek(), picked: [] }
}

/** A brush that follows a drag: along one axis at once, over a plane when it is let go. */
function brushing(stage: Stage, sweep: LoadedSweep, area: BrushArea, x0: number, y0: number): Drag {
  const axis = area.across === undefined ? area.along : area.along === undefined ? area.across : null
  const before = sweep.selection.peek()
  const cancel = () => {
    stage.rubber = null
    stage.drawOver()
    sweep.selection.value = before
  }
  if (axis != null) {
    const upright = area.along !== undefined
    const set = along(sweep, axis, upright ? y0 : x0)
    const follow = (x: number, y: number) => set(upright ? y : x)
    return { move: follow, end: follow, cancel }
  }
  const bounded = (value: number, from: number, size: number) => Math.min(from + size, Math.max(from, value))
  const rectangle = (x: number, y: number) => {
    const [bx, by] = [bounded(x, area.x, area.width), bounded(y, area.y, area.height)]
    return { x: Math.min(x0, bx), y: Math.min(y0, by), width: Math.abs(bx - x0), height: Math.abs(by - y0) }
  }
  return {
    move(x, y) {
      stage.rubber = rectangle(x, y)
      stage.drawOver()
    },
    end(x, y) {
      stage.rubber = null
      stage.drawOver()
      const { x: left, y: top, width, height } = rectangle(x, y)
      // A drag that is nearly straight means one of the two alone.
      if (area.across !== undefined && width >= 6)
        setBrush(sweep, area.across.column, area.across.brushOf(left, left + width))
      if (area.along !== undefined && height >= 6)
        setBrush(sweep, area.along.column, area.along.brushOf(top, top + height))
    },
    cancel,
  }
}

/** Makes a new brush, moves the one that was pressed, or its edge. */
function along(sweep: LoadedSweep, axis: BrushAxis, start: number): (to: number) => void {
  const brush = sweep.selection.peek().brushes[axis.column]
  const [piece] = brush?.kind === 'range' ? axis.pixelsOf(brush) : []
  const set = (a: number, b: number) => setBrush(sweep, axis.column, axis.brushOf(a, b))
  if (piece === undefined || start < piece[0] - grip || start > piece[1] + grip) return (to) => set(start, to)
  if (Math.abs(start - piece[0]) <= grip) return (to) => set(piece[1], to)
  if (Math.abs(start - piece[1]) <= grip) return (to) => set(piece[0], to)
  return (to) => set(piece[0] + to - start, piece[1] + to - start)
}
