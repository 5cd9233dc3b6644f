/** How far a sweep has been followed, as a text that travels in addresses and in the ids of events. */
import type { FollowPlace } from '../../tracking/index.js'

/** `1.73214.96.0f3a…` */
export function placeText({ generation, bytes, lines, crc }: FollowPlace): string {
  return `${generation}.${bytes}.${lines}.${crc}`
}

/** null where the text is none that `placeText` gives. */
export function readPlace(text: string): FollowPlace | null {
  const [, generation, bytes, lines, crc] =
    /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.([0-9a-f]{0,64})$/.exec(text) ?? []
  if (crc === undefined) return null
  return { generation: Number(generation), bytes: Number(bytes), lines: Number(lines), crc }
}
