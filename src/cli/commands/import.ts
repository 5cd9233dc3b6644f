/** `espalier import …`: sweep files of other tools become Espalier's; other tools' trials come into the store. */
import type { Command } from 'commander'
import { jsonOption, path, text } from '../options.js'
import { defineTrialImports } from './import-trials.js'

export function define(imports: Command): void {
  imports
    .description(
      "From other tools: a sweep file of W&B's, NNI's or Ray's becomes one of Espalier's; trials come into the store.",
    )
    .addHelpText('after', '\nExample:\n  $ espalier import wandb sweep.yaml --out sweep.json')

  defineTrialImports(imports)

  sweepFileOptions(
    imports
      .command('wandb')
      .description(
        'Makes a sweep file of a sweep of W&B (sweep.yaml, or JSON). The script stays as it is: what it logs with wandb.log is its metrics.',
      ),
    "W&B's sweep file",
  )
    .option(
      '--interpreter <command>',
      'what runs the script, such as .venv/bin/python (default: python, as W&B has it)',
      text,
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier import wandb sweep.yaml --out sweep.json\n  $ espalier sweep sweep.json',
    )
    .action(async (file, options) =>
      (await import('../actions/import-sweep-file.js')).importSweepFile('wandb', file, options),
    )

  sweepFileOptions(
    imports
      .command('nni')
      .description("Makes a sweep file of NNI's search_space.json, or of its config.yml, which names one."),
    'the search space, or the configuration of an experiment',
  )
    .addHelpText('after', '\nExample:\n  $ espalier import nni config.yml --out sweep.json')
    .action(async (file, options) =>
      (await import('../actions/import-sweep-file.js')).importSweepFile('nni', file, options),
    )

  sweepFileOptions(
    imports
      .command('ray')
      .description(
        'Makes a sweep file of a search space of Ray Tune, written as JSON by the lines in docs/importing.md.',
      ),
    'the search space as JSON',
  )
    .addHelpText('after', '\nExample:\n  $ espalier import ray space.json --out sweep.json')
    .action(async (file, options) =>
      (await import('../actions/import-sweep-file.js')).importSweepFile('ray', file, options),
    )
}

/** What the import of every tool's sweep file takes. */
function sweepFileOptions(command: Command, what: string): Command {
  return command
    .argument('<file>', what, path)
    .option('--out <file>', 'the sweep file to write (default: stdout)', path)
    .option('--force', 'write over a file that is there')
    .addOption(jsonOption('the sweep file and the warnings'))
}
