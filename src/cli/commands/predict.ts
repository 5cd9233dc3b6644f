/** `espalier predict RUN --data FILE`: the arguments of a prediction. */
import type { Command } from 'commander'
import { jsonOption, path, readingOptions, rowsOptions } from '../options.js'
import { withFilters } from './best.js'

export function define(command: Command): void {
  command
    .description(
      "Predicts every row of a data file with a run's model. The answer is the same table as CSV, with a column `prediction` (`predicted`, where the data has a target of that name); rows of JSON lines and Parquet are numbered.",
    )
    .argument('<run>', 'the id of a trial, or of a sweep (its best trial); or `best`')
    .requiredOption(
      '--data <file>',
      'the rows to predict: CSV, TSV, JSON lines, Parquet, packed or not',
      path,
    )
    .option(
      '--ensemble',
      'predict with the average of the best trials of a sweep, made by `sweep --ensemble`',
    )
    .option('--out <file>', 'where to write the CSV (default: stdout)', path)
    .option('--probabilities', 'add a column for the probability of each class')
    .option('--trainer <file>', 'where the trainer module is that made the model', path)
    .option('--trust-module', 'load with the trainer module that the record names, also one that has changed')
  withFilters(rowsOptions(readingOptions(command)))
    .addOption(jsonOption('the predictions'))
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier predict best --experiment wine-knn --data search-spaces/data/wine.csv --out predicted.csv',
    )
    .action(async (run, options) => (await import('../actions/predict.js')).predict(run, options))
}
