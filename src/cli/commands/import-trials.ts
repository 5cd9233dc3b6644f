/** `espalier import optuna|csv`: other tools' trials come into the store. */
import type { Command } from 'commander'
import { directionOption, jsonOption, path, readingOptions, storeOption, text } from '../options.js'

export function defineTrialImports(imports: Command): void {
  recordOptions(
    imports
      .command('optuna')
      .description(
        'Records a study of Optuna (study.db of SQLite, or journal.log) as a sweep of the store: all trials, pruned and failed too.',
      )
      .argument('<file>', "Optuna's file", text)
      .option('--study <name>', 'which study, where the file holds several', text)
      .option(
        '--objective <which>',
        'of a study with several: its number in trial.values, from 0, or its name (default: the first)',
        text,
      )
      .option(
        '--metric <name>',
        "what the objective is called (default: the study's name for it, or value)",
        text,
      ),
  )
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier import optuna study.db --metric loss\n  $ espalier importance',
    )
    .action(async (file, options) =>
      (await import('../actions/import-trials.js')).importOptuna(file, options),
    )

  readingOptions(
    recordOptions(
      imports
        .command('csv')
        .description(
          'Records the trials of a table (CSV, TSV, JSON lines or Parquet; a row each) as a sweep of the store.',
        )
        .argument('<file>', 'the table', path)
        .option(
          '--params <columns>',
          'columns of parameters: a,b (default: those that begin with params. or, of Ray, config/)',
          names,
        )
        .option('--value <column>', 'the column of the objective (default: value)', text)
        .addOption(directionOption())
        .option('--metric <name>', 'what the objective is called (default: as its column)', text)
        .option(
          '--metrics <columns>',
          'further columns of numbers: x,y (default: those that begin with metrics.)',
          names,
        )
        .option('--status <column>', 'how each trial ended, in a word (default: status or state)', text)
        .option(
          '--space <file>',
          'the sweep file whose parameters they are (default: made up from the values)',
          path,
        ),
    ),
  )
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier import csv trials.csv --params lr,depth --value loss --direction minimize',
    )
    .action(async (file, options) => (await import('../actions/import-trials.js')).importTable(file, options))
}

function recordOptions(command: Command): Command {
  return command
    .option('--experiment <name>', "the experiment (default: the study's name)", text)
    .option('--again', 'record it although it is there already')
    .addOption(storeOption())
    .addOption(jsonOption('what came of it'))
}

function names(given: string): string[] {
  return given
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
