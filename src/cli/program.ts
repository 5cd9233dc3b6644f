/**
 * The program and its commands. A command's own arguments and options are imported only where it is the one
 * that was asked for, and what it does only when it runs.
 */
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { plainLines, print, printExactly, say } from './output.js'

interface CommandFile {
  /** Adds description, arguments, options, help and action to the command. */
  define(command: Command): void
}

const commands: Readonly<Record<string, readonly [summary: string, load: () => Promise<CommandFile>]>> = {
  init: ['look at a data file or a script and draft a sweep over it', () => import('./commands/init.js')],
  import: ["take over other tools' sweep files, or their trials", () => import('./commands/import.js')],
  sweep: ['run a sweep', () => import('./commands/sweep.js')],
  resume: ['go on with a sweep', () => import('./commands/resume.js')],
  worker: ['do fits of sweeps that run elsewhere', () => import('./commands/worker.js')],
  workers: ['list the workers of a queue, or stop some', () => import('./commands/workers.js')],
  best: ['show the best run', () => import('./commands/best.js')],
  importance: ['show which parameters of a sweep mattered', () => import('./commands/importance.js')],
  dashboard: ['see sweeps in a live page', () => import('./commands/dashboard.js')],
  report: ['write sweeps into one HTML file', () => import('./commands/report.js')],
  runs: ['list, show, compare, export, label or delete runs', () => import('./commands/runs.js')],
  store: ['check, copy, prune or measure the store', () => import('./commands/store.js')],
  sync: ['send sweeps to an MLflow server', () => import('./commands/sync.js')],
  predict: ["predict with a run's model", () => import('./commands/predict.js')],
  export: ["write a run's model, or a sweep's trials, for other tools", () => import('./commands/export.js')],
  serve: ["serve a run's model over HTTP", () => import('./commands/serve.js')],
  register: ["put a run's model into MLflow's registry", () => import('./commands/register.js')],
  reproduce: ['train a run again and compare', () => import('./commands/reproduce.js')],
  data: ['show what a data file holds', () => import('./commands/data.js')],
  space: ['check or preview a sweep file, print the JSON Schema', () => import('./commands/space.js')],
  trainers: ['list the trainers, or show one', () => import('./commands/trainers.js')],
  'ask-tell': ['the search alone, for programs in any language', () => import('./commands/ask-tell.js')],
}

export const commandNames = Object.keys(commands)

/** The program, ready to parse these arguments: the command they name is complete, of the others only the name is known. */
export async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('espalier')
    .usage('<command> [options]')
    .description('Hyperparameter search: a space in JSON, trials in parallel, every run on record.')
    .option('-V, --version', 'print the version')
    .on('option:version', printVersion)
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride()
    .configureOutput({ writeOut: printExactly, writeErr: (text) => say(plainLines(text.trimEnd())) })
    .showHelpAfterError('(--help shows what is accepted)')
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier sweep search-spaces/wine-knn.json --trials 40\n  $ espalier best',
    )
  const [first, second] = args.filter((arg) => !arg.startsWith('-'))
  const named = first === 'help' ? second : first
  if (first === 'help' && second !== undefined && !commandNames.includes(second)) {
    // Commander would show the help of everything.
    const { nearestHint } = await import('../spelling.js')
    program.error(`error: unknown command '${second}'${nearestHint(second, commandNames)}`)
  }
  for (const name of commandNames) {
    const [summary, load] = commands[name]
    const command = program.command(name).summary(summary)
    if (name === named) (await load()).define(command)
  }
  return program
}

/** Reads the version only where it is asked for; ends as commander's own `--help` does. */
function printVersion(): never {
  print(createRequire(import.meta.url)('espalier/package.json').version)
  throw new CommanderError(0, 'espalier.version', 'the version was printed')
}
