/** Why a program failed: one line where a sweep is told of, the lines of its stderr where one trial is shown. */
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { writeExecutable } from '../executable.js'
import { makeFolder } from './run.js'

const folder = makeFolder()
afterAll(folder.remove)

it('a traceback is lines where its trial is shown, and its error where the sweep is', async () => {
  const script = `#!/bin/sh
cat >&2 << 'END'
Traceback (most recent call last):
  File "train.py", line 3, in <module>
    main()
ValueError: lr must be positive
END
exit 1
`
  writeExecutable(join(folder.path, 'failing.sh'), script)
  folder.write('failing.json', {
    trainer: { command: ['./failing.sh'] },
    search: { algorithm: 'random', trials: 2 },
    parameters: { x: { type: 'float', min: 0, max: 1 } },
  })
  const store = ['--store', 'failing-runs']
  const swept = await folder.run('sweep', 'failing.json', '--workers', '1', '--retries', '1', ...store)
  const line = 'PROGRAM_FAILED: failing.sh ended with exit status 1: ValueError: lr must be positive'
  expect(swept.stderr).toContain(line)
  expect(swept.stdout).toContain('failing.sh ended with exit status 1: ValueError: lr must be positive\n')
  expect(swept.stdout + swept.stderr).not.toContain('Traceback')
  const [trial] = await folder.json('runs', 'list', '--sweep', 'latest', '--json', ...store)
  const { stdout } = await folder.run('runs', 'show', trial.run, ...store)
  expect(stdout).toMatch(new RegExp(`^status .*: ${line.replaceAll('.', '\\.')}$`, 'm'))
  expect(stdout).toContain(`
its last lines
  Traceback (most recent call last):
    File "train.py", line 3, in <module>
      main()
  ValueError: lr must be positive
`)
  expect(stdout).toMatch(new RegExp(`^ {2}attempt 0 .*: ${line.replaceAll('.', '\\.')}$`, 'm'))
})
