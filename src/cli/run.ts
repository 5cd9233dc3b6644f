/** One command line, from its arguments to its exit code. */
import { fail } from './failure.js'
import { buildProgram } from './program.js'

/** Runs the command that the arguments name. Never rejects: what goes wrong is said on stderr, and is the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    process.exitCode = 0
    const program = await buildProgram(args)
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode)
  } catch (error) {
    return fail(error)
  }
}
