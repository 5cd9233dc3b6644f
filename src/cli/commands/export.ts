/** `espalier export RUN --format …`: a model, or the trials of a sweep, for other tools. */
import { type Command, Option } from 'commander'
import { path, wholeNumber } from '../options.js'
import { withFilters } from './best.js'

const formats = ['onnx', 'mlflow', 'python', 'json', 'optuna', 'csv', 'parquet']

export function define(command: Command): void {
  command
    .description(
      "Writes a run's model for other tools (onnx; mlflow: a folder; python: one file without dependencies; json), or all trials of a sweep with their steps (optuna: a journal that Optuna opens as a study; csv; json; parquet).",
    )
    .argument(
      '<run>',
      'the id of a trial or of a sweep (of which a model is that of its best trial), `best`, or `latest`',
    )
    .addOption(new Option('--format <format>', 'what to write').choices(formats).makeOptionMandatory())
    .option('--out <path>', 'where to write (default: stdout, for formats that are one text)', path)
    .option('--force', 'write over what is there')
    .option('--ensemble', 'the average of the best trials of a sweep, made by `sweep --ensemble`')
    .option(
      '--opset <version>',
      'of onnx: the version of its operators, 16 to 23, for an older or newer runtime; the answers are the same in all (default: 18)',
      wholeNumber(1, 100),
    )
  withFilters(command)
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier export best --format onnx --out model.onnx\n  $ espalier export best --format python --out model.py\n  $ espalier export latest --format optuna --out journal.log',
    )
    .action(async (run, options) => (await import('../actions/export.js')).exportRun(run, options))
}
