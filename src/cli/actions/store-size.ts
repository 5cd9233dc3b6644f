/** `store size`: what each sweep takes of the disk. */
import * as format from '../format.js'
import { plain, print, printJson } from '../output.js'
import { table } from '../table.js'
import { openStoreOf } from './common.js'

export async function showSizes(options: { store?: string; json?: boolean }): Promise<void> {
  const store = await openStoreOf(options)
  const runs = new Map((await store.sweeps()).map((run) => [run.id, run]))
  const rows = (await store.sizes()).map(({ sweep, ...sizes }) => {
    const run = runs.get(sweep)
    // A damaged sweep has no words to it, but takes room all the same.
    const { experiment = null, name = null, status = null, started = null } = run ?? {}
    return { run: sweep, experiment, name, status, started, ...sizes }
  })
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
  if (options.json) return printJson({ store: store.directory, bytes, sweeps: rows })
  if (rows.length > 0) {
    const right = { align: 'right' as const }
    print(
      table(
        [
          { title: 'run' },
          { title: 'experiment' },
          { title: 'status' },
          { title: 'size', ...right },
          { title: 'records', ...right },
          { title: 'artifacts', ...right },
          { title: 'checkpoints', ...right },
        ],
        rows.map((row) => [
          row.run.slice(0, 8),
          plain(row.experiment ?? ''),
          row.status ?? 'damaged',
          format.bytes(row.bytes),
          format.bytes(row.journal),
          format.bytes(row.artifacts),
          format.bytes(row.checkpoints),
        ]),
      ),
    )
    print('')
  }
  print(`${format.count(rows.length, 'sweep')}, ${format.bytes(bytes)} in ${plain(store.directory)}`)
}
