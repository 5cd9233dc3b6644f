/** docs/api.md: the reference of the library, made by typedoc. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, type Context, Converter, LiteralType, makeRecursiveVisitor, Type } from 'typedoc'

/** Throws an `Error` where typedoc cannot make it; what was wrong it prints itself. */
export async function libraryReference(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'espalier-docs-'))
  const app = await Application.bootstrapWithPlugins({
    options: fileURLToPath(new URL('typedoc.json', import.meta.url)),
    out: directory,
  })
  app.converter.on(Converter.EVENT_RESOLVE_END, sortLiterals)
  try {
    const project = await app.convert()
    if (project === undefined || app.logger.hasErrors()) throw new Error('typedoc cannot read the library')
    await app.generateOutputs(project)
    return await readFile(join(directory, 'README.md'), 'utf8')
  } finally {
    await rm(directory, { recursive: true })
  }
}

/**
 * Puts the literals of every union into the order of the alphabet. Where TypeScript infers a union, their order is that in which
 * it happened to meet them: it moves with changes elsewhere, and the page would change with it.
 */
function sortLiterals({ project }: Context): void {
  const visitor = makeRecursiveVisitor({
    union(union) {
      const literals = union.types.filter((type) => type instanceof LiteralType)
      const sorted = literals.map(String).sort()
      const byText = new Map(literals.map((literal) => [String(literal), literal]))
      let next = 0
      union.types = union.types.map((type) =>
        type instanceof LiteralType ? (byText.get(sorted[next++] ?? '') ?? type) : type,
      )
    },
  })
  for (const reflection of Object.values(project.reflections)) {
    for (const value of Object.values(reflection)) {
      for (const type of Array.isArray(value) ? value : [value]) if (type instanceof Type) type.visit(visitor)
    }
  }
}
