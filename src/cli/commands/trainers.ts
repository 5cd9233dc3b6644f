/** `espalier trainers [NAME]`. */
import type { Command } from 'commander'
import { jsonOption, text } from '../options.js'

export function define(command: Command): void {
  command
    .description('Lists the trainers, or shows the hyperparameters of one: type, range, default.')
    .argument('[name]', 'a trainer, or the path of a module: ./mine.js', text)
    .addOption(jsonOption('the description'))
    .addHelpText('after', '\nExample:\n  $ espalier trainers knn-classifier')
    .action(async (name, options) => (await import('../actions/trainers.js')).showTrainers(name, options))
}
