/** How much room texts take on a terminal, by code point (Unicode's East Asian Width, emoji, combining marks). */
const simple = /^[\x20-\x7e]*$/
/** Characters that take the room of two on a terminal: Chinese, Japanese, Korean, emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
/** Characters that are drawn onto the one before, or not at all. */
const none = /[\p{M}\p{Cf}]/u

/** How much room a text takes on the screen. */
export function room(text: string): number {
  if (simple.test(text)) return text.length
  let width = 0
  for (const character of text) width += roomOf(character)
  return width
}

function roomOf(character: string): number {
  return none.test(character) ? 0 : wide.test(character) ? 2 : 1
}

/** A text that takes no more room than this, with an ellipsis where something is left out. */
export function cut(text: string, width: number): string {
  if (room(text) <= width) return text
  let kept = ''
  let used = 1
  for (const character of text) {
    used += roomOf(character)
    if (used > width) break
    kept += character
  }
  return `${kept}…`
}
