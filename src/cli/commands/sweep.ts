/** `espalier sweep SPACE.json`: the arguments of a sweep. */
import { type Command, Option } from 'commander'
import {
  deviceOptions,
  directionOption,
  duration,
  finiteNumber,
  jsonOption,
  mlflowOptions,
  paths,
  queueOptions,
  readingOptions,
  share,
  storeOption,
  text,
  wholeNumber,
} from '../options.js'

export function define(command: Command): void {
  const described = command
    .description(
      'Runs a sweep over the space of a JSON file. What is given here goes before what the file says; defaults are for what neither says.',
    )
    .argument('[file]', 'the sweep file (default: the only one in this folder)')
    .addOption(
      new Option('--search <algorithm>', 'how trials are chosen (default: bayesian)').choices([
        'grid',
        'random',
        'sobol',
        'bayesian',
      ]),
    )
    .addOption(
      new Option(
        '--pruner <name>',
        'how trials are stopped early: by their folds or their steps (default: none)',
      ).choices(['none', 'median', 'halving', 'folds']),
    )
    .option(
      '--warm-start <sweep>',
      'an earlier sweep whose results are known from the start: its id, or `latest`',
      text,
    )
    .option(
      '--despite <what>',
      'in what that sweep may differ: metric, direction, trainer, data, validation, with commas',
      text,
    )
    .option('--trials <n>', 'how many trials (default: 50; grid: all of it)', wholeNumber(1))
    .option(
      '--parallel <p>',
      'trials in flight; part of what makes a sweep repeatable (default: 4)',
      wholeNumber(1),
    )
    .option('--workers <n>', "threads (default: the machine's cores)", wholeNumber(1, 256))
    .option('--seed <s>', 'where every random choice comes from (default: 0)', wholeNumber(0))
    .option(
      '--experiment <name>',
      "the experiment it belongs to (default: the file's name entry, or its own name)",
      text,
    )
    .addOption(storeOption())
    .option(
      '--data <file>',
      'the data set: CSV, TSV, JSON lines, Parquet; repeated, several files with the same columns',
      paths,
    )
    .option('--target <column>', 'the column to predict', text)
  mlflowOptions(queueOptions(deviceOptions(readingOptions(described))))
    .option('--trainer <name>', 'a trainer, or the path of a module: ./mine.js', text)
    .option(
      '--metric <name>',
      'the metric to optimise (default: accuracy, rmse; of an objective: value)',
      text,
    )
    .addOption(directionOption())
    .option('--folds <k>', 'folds of the cross-validation (default: 5)', wholeNumber(2))
    .option('--stratified', 'each class alike in every fold (where the target has classes)')
    .option('--no-stratified', 'folds without regard to classes')
    .option(
      '--holdout <share>',
      'share of the rows kept apart for judging the best run (default: none)',
      share,
    )
    .option(
      '--trial-timeout <time>',
      'the longest a trial may train, all folds together: 30s, 10m, 1h30m (default: no limit)',
      duration,
    )
    .option(
      '--budget <time>',
      'as many trials as fit into this time, in place of a number of them: 5m, 1h (with --trials: no more than those)',
      duration,
    )
    .option('--max-time <time>', 'start no trial after this time', duration)
    .option(
      '--max-time-grace <time>',
      'end trials that still run this long after --max-time; `resume` runs them again',
      duration,
    )
    .option('--memory-limit <mb>', 'megabytes of heap a worker may use', wholeNumber(16))
    .option(
      '--shared-memory <mb>',
      'megabytes a worker may keep of what fits have in common; 0: nothing (default: 256)',
      wholeNumber(0),
    )
    .option('--retries <n>', 'further attempts for a failed trial (default: 0)', wholeNumber(0, 100))
    .option('--retry-timeouts', 'give those to trials that took longer than --trial-timeout too')
    .option(
      '--ensemble [n]',
      'average the best trials at the end, n in all (default: 10), into a model of the sweep',
      wholeNumber(1, 1000),
    )
    .addOption(
      new Option('--keep-models <which>', 'which trained models to keep (default: best)').choices([
        'all',
        'best',
        'none',
      ]),
    )
    .option('--keep-checkpoints', 'the last checkpoints of trials stay when they have ended')
    .option('--no-keep-checkpoints', 'they go, also where the file keeps them')
    .addOption(
      new Option(
        '--order <order>',
        'what the search may learn from: trial order, or arrival (default: trial)',
      ).choices(['trial', 'arrival']),
    )
    .option('--stop-at <value>', 'stop when a trial reaches this value', finiteNumber)
    .addOption(
      new Option(
        '--advice <what>',
        'when the best possible gain is below the noise of the folds: tell it, or stop (default: off)',
      ).choices(['off', 'tell', 'stop']),
    )
    .addOption(jsonOption('the result'))
    .option('--quiet', 'no progress: only the result')
    .option('--dashboard', 'a live page beside it: its link is printed first')
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier sweep search-spaces/wine-knn.json --search sobol --trials 40 --seed 7',
    )
    .action(async (file, options) => (await import('../actions/sweep.js')).runSweep(file, options))
}
