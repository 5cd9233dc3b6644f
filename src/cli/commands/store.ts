/** `espalier store …`: the store as a whole, checked, copied, pruned, measured. */
import { type Command, Option } from 'commander'
import { age, jsonOption, path, storeOption, text } from '../options.js'

export function define(store: Command): void {
  store
    .description('The store as a whole: whether it is sound, a copy of it, what takes room.')
    .addHelpText('after', '\nExample:\n  $ espalier store check\n  $ espalier store backup ../runs-copy')

  store
    .command('check')
    .description('Reads every record and every artifact and compares them with their checksums.')
    .option(
      '--mend <sweep>',
      'keep what is whole of this damaged sweep; the damaged journal stays beside it',
      text,
    )
    .addOption(storeOption())
    .addOption(jsonOption('what was found'))
    .addHelpText('after', '\nExit code 1 where something is damaged.\n\nExample:\n  $ espalier store check')
    .action(async (options) => (await import('../actions/store-check.js')).checkStore(options))

  store
    .command('backup')
    .description('Copies the store, also while sweeps are running: each sweep as it was at one moment.')
    .argument('<dir>', 'a new or empty directory', path)
    .addOption(storeOption())
    .addOption(jsonOption('what was copied'))
    .addHelpText('after', '\nExample:\n  $ espalier store backup ../runs-2026-07')
    .action(async (directory, options) =>
      (await import('../actions/store-backup.js')).backUpStore(directory, options),
    )

  store
    .command('prune')
    .description(
      'Deletes sweeps by age, status or experiment, after asking; with --checkpoints only what their trials left for their continuation. None that is running.',
    )
    .option('--older-than <age>', 'only sweeps that ended longer ago: 30d, 6w, 12h', age)
    .addOption(
      new Option('--status <status>', 'only sweeps with this status').choices([
        'finished',
        'failed',
        'interrupted',
      ]),
    )
    .option('--experiment <name>', 'only sweeps of this experiment', text)
    .option(
      '--checkpoints',
      'only the checkpoints, of all sweeps that have ended; of interrupted ones with --status interrupted',
    )
    .option('--dry-run', 'only say what would be deleted')
    .option('--yes', 'do not ask')
    .addOption(storeOption())
    .addOption(jsonOption('what was deleted'))
    .addHelpText('after', '\nExample:\n  $ espalier store prune --older-than 30d --status failed --dry-run')
    .action(async (options) => (await import('../actions/store-prune.js')).pruneStore(options))

  store
    .command('size')
    .description('Shows what each sweep takes of the disk, the largest first.')
    .addOption(storeOption())
    .addOption(jsonOption('the sizes'))
    .addHelpText('after', '\nExample:\n  $ espalier store size')
    .action(async (options) => (await import('../actions/store-size.js')).showSizes(options))
}
