/**
 * Compiles every `kernels/*.as.ts` under src/ (AssemblyScript; others are imported by them) to a `.wasm` beside where its source would be built:
 * src/training/kernels/trees.as.ts → dist/training/kernels/trees.wasm. No assertions, SIMD, one memory an instance.
 */
import { mkdirSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  /[\\/]kernels[\\/][^\\/]+\.as\.ts$/.test(file),
)
for (const source of sources) {
  const to = join(root, 'dist', source.replace(/\.as\.ts$/, '.wasm'))
  mkdirSync(dirname(to), { recursive: true })
  const file = relative(process.cwd(), join(root, 'src', source))
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd']
  const { error, stderr } = await asc.main([file, '-o', relative(process.cwd(), to), ...options])
  if (error) throw new Error(`${source} does not compile:\n${stderr}`, { cause: error })
}
