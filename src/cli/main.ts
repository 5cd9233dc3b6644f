#!/usr/bin/env node
/**
 * The program `espalier`: reads the command line, runs one command, ends with its exit code.
 *
 * Only light modules are imported here, so that `espalier --help` answers at once; every command imports what
 * it needs when it runs.
 */
import { drain, ignoreClosedPipes, reserveStdout } from './output.js'
import { run } from './run.js'

ignoreClosedPipes()
reserveStdout()
const code = await run(process.argv.slice(2))
await drain()
process.exit(code)
