/**
 * The fixed part of the Python that is written: functions in runtime/*.py, one idea a file, of which a model's file holds those that it needs.
 * A part needs what it names; imports come together at the top.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'

interface Part {
  readonly imports: readonly string[]
  readonly body: string
  readonly defines: readonly string[]
  /** All names in it. */
  readonly names: ReadonlySet<string>
}

const importLine = /^import [\w.]+$/

/** Functions, classes and constants that begin a line. */
const definition = /^(?:def |class )?([A-Za-z_]\w*(?:, [A-Za-z_]\w*)*)(?=\(| = |:)/gm

let all: ReadonlyMap<string, Part> | null = null

function parts(): ReadonlyMap<string, Part> {
  if (all !== null) return all
  const folder = dirname(createRequire(import.meta.url).resolve('#predictor/script.py'))
  all = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.py'))
      .sort()
      .map((file) => [file.slice(0, -3), partOf(readFileSync(`${folder}/${file}`, 'utf8'))]),
  )
  return all
}

function partOf(source: string): Part {
  const lines = source.split('\n')
  const body = lines
    .filter((line) => !importLine.test(line))
    .join('\n')
    .trim()
  return {
    imports: lines.filter((line) => importLine.test(line)),
    body,
    defines: Array.from(body.matchAll(definition), ([, names]) => names.split(', ')).flat(),
    names: new Set(body.match(/[A-Za-z_]\w*/g)),
  }
}

/** Imports, and the parts that define these names with all that they need, each behind what it needs; that of the last name is last. */
export function runtimeFor(names: readonly string[]): {
  readonly imports: readonly string[]
  readonly bodies: readonly string[]
} {
  const known = parts()
  const definedBy = new Map<string, string>()
  for (const [part, { defines }] of known) for (const name of defines) definedBy.set(name, part)
  const taken = new Set<string>()
  const ordered: Part[] = []
  const take = (name: string) => {
    const of = definedBy.get(name)
    if (of === undefined || taken.has(of)) return
    taken.add(of)
    const part = known.get(of)!
    for (const other of part.names) take(other)
    ordered.push(part)
  }
  for (const name of names) {
    if (!definedBy.has(name)) throw new Error(`no part of the runtime defines ${name}`)
    take(name)
  }
  return {
    imports: [...new Set(ordered.flatMap(({ imports }) => imports))].sort(),
    bodies: ordered.map(({ body }) => body),
  }
}
