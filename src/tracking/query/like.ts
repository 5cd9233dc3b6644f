/**
 * `like`: `%` stands for any text, `_` for one character. Where a text does not go on as the pattern does, only the last
 * `%` is tried with one character more: those before it have matched as early as can be, and trying them again would
 * gain nothing. So the time is at most the product of the two lengths.
 */
export interface LikePattern {
  test(text: string): boolean
}

export function likePattern(pattern: string, anyCase: boolean): LikePattern {
  const fold = (text: string) => [...(anyCase ? text.toLowerCase() : text)]
  const wanted = fold(pattern)
  return { test: (text) => isLike(fold(text), wanted) }
}

function isLike(text: readonly string[], pattern: readonly string[]): boolean {
  let at = 0
  let next = 0
  /** The last `%` in the pattern, and where the text that it stands for ends so far. */
  let any = -1
  let until = 0
  while (at < text.length) {
    if (pattern[next] === '%') {
      any = next++
      until = at
    } else if (next < pattern.length && (pattern[next] === '_' || pattern[next] === text[at])) {
      next++
      at++
    } else if (any >= 0) {
      next = any + 1
      at = ++until
    } else return false
  }
  while (pattern[next] === '%') next++
  return next === pattern.length
}
