/**
 * How the metrics of a program are read that does not report them itself: patterns over the lines that it prints, and what it
 * leaves as its result. What a pattern must be is checked here; what it matches, where the program runs (training/command/).
 */
import type { Problem } from '../errors.js'
import { isJsonObject } from '../values.js'
import { pathOf, show } from './wording.js'

/** Characters of a pattern: a longer one is no pattern of a line. */
const longestPattern = 1000

/** What is wrong with `metrics` and `result` of a program, but for the kinds of their values. */
export function readingProblems({ metrics, result }: Readonly<Record<string, unknown>>): Problem[] {
  const problems: Problem[] = []
  if (isJsonObject(metrics)) {
    const entries = Object.entries(metrics)
    if (entries.length === 0)
      problems.push({
        path: 'trainer.metrics',
        message:
          '"metrics" of a program must have an entry (it has none); write {"loss": "val_loss=([-+.0-9eE]+)"}, or leave it out where the program reports itself',
      })
    for (const [name, pattern] of entries) {
      const law = typeof pattern === 'string' ? patternLaw(pattern) : null
      if (law !== null) problems.push({ path: pathOf('trainer', 'metrics', name), message: law })
    }
  }
  if (result !== undefined && result !== 'json' && !isJsonObject(result))
    problems.push({
      path: 'trainer.result',
      message: `"result" of a program must be "json", the last line of JSON that it prints, or {"file": "out/{trial}/metrics.json"}, a file that it writes (got ${show(result)})`,
    })
  return problems
}

function patternLaw(pattern: string): string | null {
  if (pattern.length > longestPattern)
    return `a pattern has at most ${longestPattern} characters (this one has ${pattern.length}); match less of the line`
  let groups: RegExpExecArray
  try {
    new RegExp(pattern)
    // With nothing as its alternative every pattern matches nothing, and the match has all its groups.
    groups = new RegExp(`${pattern}|`).exec('')!
  } catch (error) {
    return `a pattern is a regular expression of JavaScript (got ${show(pattern)}: ${(error as Error).message.replace(/^Invalid regular expression: /, '')}); ${remedy(pattern)}`
  }
  const named = groups.groups ?? {}
  if ('value' in named) return null
  if ('step' in named)
    return `a pattern with a group named "step" has one named "value" too (got ${show(pattern)}); write (?<value>[-+.0-9eE]+) for the number`
  return groups.length > 1
    ? null
    : `a pattern has a group, which takes the number out of the line (got ${show(pattern)}); put the number into round brackets: val_loss=([-+.0-9eE]+)`
}

function remedy(pattern: string): string {
  if (pattern.includes('(?P<')) return 'write (?<value>…), which Python writes (?P<value>…)'
  if (/\(\?[a-z]+[):]/.test(pattern)) return 'write both letters where either may stand: [Ll]oss'
  return 'put \\\\ before a bracket or a sign that is meant as itself'
}
