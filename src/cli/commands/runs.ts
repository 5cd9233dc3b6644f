/** `espalier runs …`: the record, listed, shown, compared, exported, labelled, deleted. */
import { Argument, type Command, Option } from 'commander'
import { jsonOption, path, storeOption, text, wholeNumber } from '../options.js'

export function define(runs: Command): void {
  runs
    .description('The record. Any id may be shortened to a unique prefix.')
    .addHelpText('after', '\nExample:\n  $ espalier runs list\n  $ espalier runs show 3f2a')

  runs
    .command('list')
    .description('Lists the sweeps, newest first; with --sweep, the trials of one in trial order.')
    .option('--sweep <id>', 'the trials of this sweep; `latest` is the newest', text)
    .option('--experiment <name>', 'only this experiment', text)
    .addOption(
      new Option('--status <status>', 'only runs with this status').choices([
        'running',
        'finished',
        'failed',
        'pruned',
        'interrupted',
      ]),
    )
    .option(
      '--where <expression>',
      'only runs of which this is true: "metrics.accuracy > 0.9 and params.k < 10"',
      text,
    )
    .option('--sort <keys>', 'order by: "metrics.accuracy desc, params.k"', text)
    .option('--limit <n>', 'at most so many rows', wholeNumber(1))
    .addOption(storeOption())
    .addOption(jsonOption('the rows'))
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier runs list --sweep latest --where "params.k < 10" --sort "value desc" --limit 5',
    )
    .action(async (options) => (await import('../actions/runs-list.js')).listRuns(options))

  runs
    .command('show')
    .description('Shows one run whole: a trial or a sweep.')
    .argument('<run>', 'the id of a run; `latest` is the newest sweep')
    .addOption(storeOption())
    .addOption(jsonOption('the record'))
    .addHelpText('after', '\nExample:\n  $ espalier runs show 3f2a')
    .action(async (id, options) => (await import('../actions/runs-show.js')).showRun(id, options))

  runs
    .command('compare')
    .description('Puts runs side by side: params, metrics, tags. What differs is marked with *.')
    .argument('<run...>', 'two ids or more')
    .option('--differences', 'show only what differs')
    .addOption(storeOption())
    .addOption(jsonOption('the comparison'))
    .addHelpText('after', '\nExample:\n  $ espalier runs compare 3f2a 81bc')
    .action(async (ids, options) => (await import('../actions/runs-compare.js')).compareRuns(ids, options))

  runs
    .command('export')
    .description('Writes the trials of a sweep, one flat row a trial, as CSV or JSON.')
    .argument('[sweep]', 'the id of a sweep (default: the latest)')
    .option('--experiment <name>', 'every sweep of this experiment instead', text)
    .addOption(
      new Option('--format <format>', 'what to write (default: by the name of --out, else csv)').choices([
        'csv',
        'json',
      ]),
    )
    .option('--where <expression>', 'only trials of which this is true', text)
    .option('--sort <keys>', 'order by: "value desc"', text)
    .option('--limit <n>', 'at most so many rows', wholeNumber(1))
    .option('--out <file>', 'where to write (default: stdout)', path)
    .addOption(storeOption())
    .addHelpText('after', '\nExample:\n  $ espalier runs export --format csv --out trials.csv')
    .action(async (id, options) => (await import('../actions/runs-export.js')).exportRuns(id, options))

  runs
    .command('delete')
    .description('Deletes runs, with their trials and artifacts, after asking.')
    .argument('<run...>', 'the ids of sweeps or trials')
    .option('--yes', 'do not ask')
    .addOption(storeOption())
    .addHelpText('after', '\nExample:\n  $ espalier runs delete 3f2a --yes')
    .action(async (ids, options) => (await import('../actions/runs-delete.js')).deleteRuns(ids, options))

  runs
    .command('ask')
    .description(
      'Asks something of a sweep that runs, in whatever terminal: to `stop` as Ctrl-C does, to `extend` by so many trials, to `enqueue` params for its next trial, or to end a running trial.',
    )
    .argument('<sweep>', 'the id of a sweep; `latest` is the newest')
    .addArgument(new Argument('<act>', 'what is asked').choices(['stop', 'extend', 'enqueue', 'end-trial']))
    .argument('[what...]', 'how many trials; the params as JSON; the number of a trial')
    .addOption(storeOption())
    .addOption(jsonOption('the answer'))
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier runs ask latest extend 20\n  $ espalier runs ask latest enqueue \'{"k": 3, "weights": "distance"}\'\n  $ espalier runs ask latest end-trial 12',
    )
    .action(async (id, act, what, options) =>
      (await import('../actions/runs-ask.js')).askSweep(id, act, what, options),
    )

  runs
    .command('tag')
    .description('Puts tags on a run, `key=value`, or takes them off, `key=`.')
    .argument('<run>', 'the id of a run')
    .argument('<tag...>', 'key=value, or key= to remove')
    .addOption(storeOption())
    .addHelpText('after', '\nExample:\n  $ espalier runs tag 3f2a stage=production owner=')
    .action(async (id, tags, options) => (await import('../actions/runs-label.js')).tagRun(id, tags, options))

  runs
    .command('note')
    .description('Writes a note on a run, shown by `runs show`. An empty text removes it.')
    .argument('<run>', 'the id of a run')
    .argument('<text>', 'the note')
    .addOption(storeOption())
    .addHelpText('after', '\nExample:\n  $ espalier runs note 3f2a "the one we ship"')
    .action(async (id, note, options) =>
      (await import('../actions/runs-label.js')).noteRun(id, note, options),
    )
}
