/** What a record says of where it was made holds no secret: every byte of a store is looked at. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { writeExecutable } from '../executable.js'
import { makeFolder } from './run.js'

const folder = makeFolder()
afterAll(folder.remove)

it('secrets of the environment, of addresses and of the command line are nowhere in a store', async () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder.path, stdio: 'pipe' })
  writeExecutable(join(folder.path, 'train.sh'), `#!/bin/sh\necho 'espalier: {"final": 1}'\n`)
  writeFileSync(
    join(folder.path, 'sweep.json'),
    JSON.stringify({
      name: 'secrets',
      trainer: { command: ['./train.sh', '{x}'] },
      search: { algorithm: 'random', trials: 2 },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    }),
  )
  git('init', '--quiet')
  git(
    'remote',
    'add',
    'origin',
    'https://me:planted-remote@p@example.org/me/repo.git?private_token=planted-query',
  )
  git(
    '-c',
    'user.name=x',
    '-c',
    'user.email=x@example.org',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'first',
  )
  const env = {
    DATABASE_URL: 'postgres://me:planted-url@localhost/db',
    AWS_SECRET_ACCESS_KEY: 'planted-key',
    GITHUB_TOKEN: 'planted-token',
    npm_config__authToken: 'planted-npm',
  }
  const args = [
    'sweep',
    'sweep.json',
    '--data=https://me:planted-data@example.org/x.csv?token=planted-argument',
  ]
  // An objective takes no data: the request is refused, and tells of it without recording anything.
  expect((await folder.start(args, { env }).ended).code).toBe(2)
  expect((await folder.start(['sweep', 'sweep.json', '--quiet'], { env }).ended).code).toBe(0)
  expect((await folder.start(['resume', 'latest', '--trials', '3', '--quiet'], { env }).ended).code).toBe(0)
  const files = readdirSync(join(folder.path, 'espalier-runs'), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder.path, 'espalier-runs', name))
    .filter((path) => statSync(path).isFile())
  const text = files.map((path) => readFileSync(path, 'latin1')).join('\n')
  expect(text).toContain('https://example.org/me/repo.git')
  expect(text.match(/.{0,60}planted.{0,60}/)?.[0]).toBe(undefined)
})
