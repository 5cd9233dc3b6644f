import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Checks that take minutes: crashes by the hundred, the packed package, learners on whole data sets. */
export default defineConfig({
  test: {
    globalSetup: ['test/build.ts'],
    setupFiles: ['test/setup.ts'],
    include: ['test/long/**/*.test.ts'],
    pool: 'threads',
    // Many of them wait, for servers and claims that run out.
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    disableConsoleIntercept: true,
    env: { XDG_STATE_HOME: join(tmpdir(), 'espalier-tests-state') },
  },
})
