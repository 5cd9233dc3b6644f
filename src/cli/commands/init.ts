/** `espalier init FILE`: the arguments of a draft, over a data file or over a script. */
import { type Command, Option } from 'commander'
import {
  cellOptions,
  duration,
  jsonOption,
  path,
  readingOptions,
  rowsOptions,
  text,
  wholeNumber,
} from '../options.js'

export function define(command: Command): void {
  const described = command
    .description(
      'Of a data file: looks at it, says what it sees, and writes a sweep file over several trainers. Of a training script or program: runs it with --help, and writes a sweep file over the options it takes. Both are ready to be run, read and edited.',
    )
    .usage('[options] <data> --target <column>\n       espalier init [options] <script> [words...]')
    .argument('<file>', 'the data file: CSV, TSV, JSON lines, Parquet, packed or not; or the script')
    .argument(
      '[words...]',
      'of a script: what it is given in every trial; behind -- where that begins with a hyphen',
    )
    .option('--out <file>', "the sweep file: .jsonc or .yaml (default: the file's name, .jsonc, here)", path)
    .option(
      '--trials <n>',
      'how many trials the sweep is to have (default: 60; of a script 30)',
      wholeNumber(1),
    )
    .option('--force', 'write over a file that is there')
    .addOption(jsonOption('what was found and written'))
    .option('--target <column>', 'of data, and required there: the column to predict', text)
    .addOption(
      new Option('--task <task>', 'of data: what is predicted (default: found out from the target)').choices([
        'classification',
        'regression',
      ]),
    )
    .option('--group <column>', 'of data: a column whose equal values mark rows that belong together', text)
    .option('--time <column>', 'of data: a column in whose order rows come', text)
    .option('--metric <name>', 'of a script: what to go by (default: found out from what it prints)', text)
    .option(
      '--interpreter <command>',
      'of a script: what runs it, such as .venv/bin/python or "uv run python" (default: by its name and first line)',
      text,
    )
    .option('--wait <time>', 'of a script: how long it may take to print its help (default: 20s)', duration)
  cellOptions(rowsOptions(readingOptions(described)))
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier init wine.csv --target cultivar\n  $ espalier sweep wine.jsonc\n  $ espalier init train.py\n  $ espalier init train.py -- fit --data images',
    )
    .action(async (file, words, options) =>
      (await import('../actions/init.js')).draftSweep(file, words, options),
    )
}
