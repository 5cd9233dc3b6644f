/** `espalier init DATA --target COLUMN`: the arguments of a draft. */
import { type Command, Option } from 'commander'
import { cellOptions, jsonOption, path, readingOptions, rowsOptions, text, wholeNumber } from '../options.js'

export function define(command: Command): void {
  const described = command.description(
    'Looks at a data file, says what it sees, and writes a sweep file over several trainers, ready to be run, read and edited.',
  )
  cellOptions(rowsOptions(readingOptions(described)))
    .argument('<data>', 'the data file: CSV, TSV, JSON lines, Parquet, packed or not')
    .requiredOption('--target <column>', 'the column to predict', text)
    .option(
      '--out <file>',
      "the sweep file: .jsonc or .yaml (default: the data file's name, .jsonc, here)",
      path,
    )
    .addOption(
      new Option('--task <task>', 'what is predicted (default: found out from the target)').choices([
        'classification',
        'regression',
      ]),
    )
    .option('--group <column>', 'a column whose equal values mark rows that belong together', text)
    .option('--time <column>', 'a column in whose order rows come', text)
    .option('--trials <n>', 'how many trials the sweep is to have (default: 60)', wholeNumber(1))
    .option('--force', 'write over a file that is there')
    .addOption(jsonOption('what was found and written'))
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier init wine.csv --target cultivar\n  $ espalier sweep wine.jsonc',
    )
    .action(async (data, options) => (await import('../actions/init.js')).draftSweep(data, options))
}
