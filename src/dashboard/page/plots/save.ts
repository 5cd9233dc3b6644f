/** A plot as a file: SVG, PNG, or its data as CSV. */
import { csvText } from '../../../csv-cell.js'
import type { Drawing } from './drawing.js'
import { type DataTable, drawWhole, type Frame, type Picture } from './picture.js'
import { SvgDrawing } from './svg.js'

/** Pixels of a PNG for each of the plot. */
const sharpness = 2

function svgOf(picture: Picture, frame: Frame, mask: Uint8Array, title: string): string {
  const on = new SvgDrawing()
  on.fillStyle = frame.theme.surface
  on.fillRect(0, 0, frame.width, frame.height)
  drawWhole(picture, on, mask)
  return on.text(frame.width, frame.height, title)
}

export function saveSvg(name: string, picture: Picture, frame: Frame, mask: Uint8Array): void {
  save(`${name}.svg`, new Blob([svgOf(picture, frame, mask, name)], { type: 'image/svg+xml' }))
}

export function savePng(name: string, picture: Picture, frame: Frame, mask: Uint8Array): void {
  const canvas = document.createElement('canvas')
  canvas.width = frame.width * sharpness
  canvas.height = frame.height * sharpness
  const context = canvas.getContext('2d')!
  context.scale(sharpness, sharpness)
  const on = context as unknown as Drawing
  on.fillStyle = frame.theme.surface
  on.fillRect(0, 0, frame.width, frame.height)
  drawWhole(picture, on, mask)
  canvas.toBlob((blob) => {
    if (blob !== null) save(`${name}.png`, blob)
  })
}

export function saveCsv(name: string, { columns, rows }: DataTable): void {
  save(`${name}.csv`, new Blob([csvText([columns, ...rows])], { type: 'text/csv' }))
}

function save(name: string, blob: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
