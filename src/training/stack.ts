/**
 * Where in somebody's module an error was thrown: the lines of its stack a person can use.
 */
import { fileURLToPath } from 'node:url'

/**
 * The first lines of the stack (`at deep (/home/me/trainer.ts:8:25)`): those in `file`, where there are any.
 */
export function stackLines(error: Error, file: string | null, count = 3): string[] {
  const lines = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => withPath(line.trim()))
  const own = file === null ? [] : lines.filter((line) => line.includes(file))
  return (own.length > 0 ? own : lines).slice(0, count)
}

/**
 * File URLs as paths. TypeScript in a folder of CommonJS is run by tsx from a data URL that holds the whole
 * compiled text and, behind it, the file: the file alone is left, because the line is one of the compiled text.
 */
function withPath(line: string): string {
  return line
    .replace(
      /data:text\/javascript,\S*[?&]filePath=(\S+?)(?:%3Fnamespace%3D[\w-]*)?:\d+:\d+(\)?)$/,
      (_, path, end) => decodeURIComponent(path) + end,
    )
    .replace(/file:\/\/[^\s)]+?(?=(?:\?[^\s):]*)?:\d+:\d+)/, (url) => {
      try {
        return fileURLToPath(url)
      } catch {
        return url
      }
    })
}
