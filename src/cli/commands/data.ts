/** `espalier data show`: a data file looked at before anything is trained. */
import { type Command, Option } from 'commander'
import { cellOptions, jsonOption, kinds, path, readingOptions, rowsOptions, text } from '../options.js'

export function define(data: Command): void {
  data
    .description('Looks at a data file.')
    .addHelpText('after', '\nExample:\n  $ espalier data show search-spaces/data/wine.csv --target cultivar')

  const show = data
    .command('show')
    .description(
      'Shows what a data file holds: how it is written, each column with what it was taken for and why, duplicated rows, columns that name rows or give the target away.',
    )
    .argument('<file...>', 'CSV, TSV, JSON lines, Parquet, packed or not; several with the same columns')
    .option('--target <column>', 'the column to predict: its classes, and columns that give it away', text)
  cellOptions(rowsOptions(readingOptions(show)))
    .option('--type <column=kind>', 'a kind that is not to be found out: zip=text; can be repeated', kinds)
    .addOption(
      new Option('--format <format>', "of the file (default: its extension's)").choices([
        'csv',
        'tsv',
        'jsonl',
        'parquet',
      ]),
    )
    .addOption(jsonOption('what is found'))
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier data show search-spaces/data/penguins.csv --target species',
    )
    .action(async (files: string[], options) =>
      (await import('../actions/data.js')).showData(files.map(path), options),
    )
}
