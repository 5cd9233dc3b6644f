/** `space check|preview|schema`: what can be said of a sweep file without running it. */
import { isEspalierError } from '../../errors.js'
import { randomStream } from '../../numeric/index.js'
import type { Space } from '../../space/index.js'
import type { Params } from '../../values.js'
import * as format from '../format.js'
import { plain, print, printJson, say } from '../output.js'
import { parameterTable } from '../parameters.js'
import { pairs, table } from '../table.js'

export async function checkSpace(path: string, options: { json?: boolean }): Promise<void> {
  try {
    const { checkSweepFile } = await import('../../launch/index.js')
    const { file, warnings } = await checkSweepFile(path)
    for (const warning of warnings) say(`warning: ${plain(warning)}`)
    if (options.json) printJson({ valid: true, ...facts(file.space), problems: [] })
    else print(`${path} is fine: ${sizes(file.space)}`)
  } catch (error) {
    // A wrong file is what the document is about; only what it is not about stays an error.
    if (options.json && isEspalierError(error) && error.kind === 'request') {
      const problems = error.problems.length > 0 ? error.problems : [{ path: '', message: error.message }]
      printJson({ valid: false, problems })
    }
    throw error
  }
}

export async function previewSpace(
  path: string,
  options: { count: number; seed: number; json?: boolean },
): Promise<void> {
  const { readSweepFile } = await import('../../launch/index.js')
  const file = await readSweepFile(path)
  const { sampleParams } = await import('../../space/index.js')
  const samples = Array.from({ length: options.count }, (_, i) =>
    sampleParams(file.space, randomStream(options.seed, 'preview', i)),
  )
  if (options.json) {
    return printJson({
      name: file.name ?? null,
      ...facts(file.space),
      parameters: file.space.parameters,
      samples,
    })
  }
  print(parameterTable(file.space))
  print(`\n${sizes(file.space)}`)
  print(`\n${format.count(samples.length, 'sample trial')} (an empty cell: not active in this trial)`)
  print(sampleTable(file.space, samples))
}

export async function printSchema(): Promise<void> {
  const { sweepFileSchema } = await import('../../space/index.js')
  printJson(await sweepFileSchema())
}

function facts({ parameters, dimensions, size, gridSize }: Space) {
  const finite = (n: number) => (Number.isFinite(n) ? n : null)
  return {
    searched: dimensions.length,
    constant: parameters.length - dimensions.length,
    size: finite(size),
    gridSize: finite(gridSize),
  }
}

function sizes(space: Space): string {
  const { searched, constant } = facts(space)
  const constants = constant > 0 ? ` and ${format.count(constant, 'constant')}` : ''
  const settings = space.size < Number.MAX_VALUE ? format.number(space.size) : 'very many'
  const size = Number.isFinite(space.size) ? `${settings} different params` : 'continuous'
  // The largest number there is stands for whatever is beyond it.
  const cells =
    space.gridSize < Number.MAX_VALUE
      ? format.count(space.gridSize, 'cell')
      : 'more cells than can be counted'
  return `${format.count(searched, 'parameter')} to search${constants}; ${size}; a grid of ${cells}`
}

function sampleTable(space: Space, samples: readonly Params[]): string {
  const names = space.parameters.filter(({ type }) => type !== 'constant').map(({ name }) => name)
  if (names.length > 8) return pairs(samples.map((params, i) => [String(i), format.paramsLine(params)]))
  return table(
    [{ title: '', align: 'right' }, ...names.map((name) => ({ title: plain(name) }))],
    samples.map((params, i) => [String(i), ...names.map((name) => format.value(params[name]))]),
  )
}
