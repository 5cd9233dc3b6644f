import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    
    setupFiles: ['test/setup.ts'],
    // Files share what they import: loading it anew for each takes as long as a sixth of all tests.
    isolate: false,
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**'],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What this machine remembers of its sweeps is not the tests' to add to.
    env: { XDG_STATE_HOME: join(tmpdir(), 'espalier-tests-state') },
  },
})
