/** `espalier space check|preview|schema`: a sweep file looked at before anything runs. */
import type { Command } from 'commander'
import { jsonOption, wholeNumber } from '../options.js'

export function define(space: Command): void {
  space
    .description('Looks at a sweep file without running it.')
    .addHelpText('after', '\nExample:\n  $ espalier space preview search-spaces/wine-knn.json')

  space
    .command('check')
    .description('Checks a sweep file: every mistake at once, each with its JSON path.')
    .argument('<space.json>', 'the sweep file')
    .addOption(jsonOption('the verdict'))
    .addHelpText('after', '\nExample:\n  $ espalier space check search-spaces/wine-knn.json')
    .action(async (file, options) => (await import('../actions/space.js')).checkSpace(file, options))

  space
    .command('preview')
    .description('Shows the parameters, the size of the space and of its grid, and a few sample trials.')
    .argument('<space.json>', 'the sweep file')
    .option('--count <n>', 'how many sample trials', wholeNumber(1, 1000), 5)
    .option('--seed <s>', 'which samples', wholeNumber(0), 0)
    .addOption(jsonOption('the preview'))
    .addHelpText('after', '\nExample:\n  $ espalier space preview search-spaces/wine-knn.json --count 8')
    .action(async (file, options) => (await import('../actions/space.js')).previewSpace(file, options))

  space
    .command('schema')
    .description('Prints the JSON Schema of sweep files, for editors that complete and check them.')
    .argument('[space.json]', 'not needed: one schema describes every sweep file')
    .addHelpText('after', '\nExample:\n  $ espalier space schema > schema.json')
    .action(async () => (await import('../actions/space.js')).printSchema())
}
