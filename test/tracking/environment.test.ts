import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { captureConditions, packageVersions } from '../../src/tracking/index.js'
import { redactArguments, secretsIn } from '../../src/tracking/redact.js'
import { redactDiff } from '../../src/tracking/redact-diff.js'
import { redactText, redactUrl } from '../../src/tracking/redact-text.js'
import { temporaryDirectory } from '../temporary.js'

describe('conditions', () => {
  it('say what machine and program it was', async () => {
    const { conditions } = await captureConditions()
    expect(conditions).toMatchObject({
      espalier: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.version,
      platform: process.platform,
      user: userInfo().username,
      host: hostname(),
      cpus: expect.any(Number),
      memoryBytes: expect.any(Number),
      timeZone: expect.any(String),
      lockfile: { name: 'package-lock.json', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    expect(JSON.parse(JSON.stringify(conditions))).toEqual(conditions)
    expect(await packageVersions(['lowdb', 'no-such-package'])).toEqual({
      lowdb: '7.0.1',
      'no-such-package': null,
    })
  })

  it('say which commit, and what differs from it', async () => {
    const directory = await temporaryDirectory()
    expect((await captureConditions({ directory })).conditions.git).toBeNull()
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b.c', ...args], { cwd: directory })
    git('init', '--quiet', '--initial-branch=trunk')
    expect((await captureConditions({ directory })).conditions.git).toMatchObject({
      commit: null,
      dirty: false,
    })
    await writeFile(join(directory, 'a.txt'), 'one\n')
    git('add', '.')
    git('commit', '--quiet', '-m', 'first')
    git('remote', 'add', 'origin', 'https://me:ghp_secret@example.org/me/repo.git')
    const clean = await captureConditions({ directory })
    expect(clean.diff).toBeNull()
    expect(clean.conditions.git).toMatchObject({
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      branch: 'trunk',
      dirty: false,
      remote: 'https://example.org/me/repo.git',
    })
    git('checkout', '--quiet', '--detach')
    expect((await captureConditions({ directory })).conditions.git).toMatchObject({
      commit: (clean.conditions.git as { commit: string }).commit,
      branch: 'HEAD',
    })
    await writeFile(join(directory, 'a.txt'), 'two\n')
    await writeFile(join(directory, 'b.txt'), 'new\n')
    const dirty = await captureConditions({ directory })
    expect(dirty.conditions.git).toMatchObject({ dirty: true, untracked: 1 })
    expect(dirty.diff).toContain('-one\n+two')
    await writeFile(join(directory, 'a.txt'), 'two\ntoken = "ghp_hiddenTreasure0123456789"\n')
    const secret = await captureConditions({ directory })
    expect(secret.diff).toContain('+two')
    expect(JSON.stringify(secret)).not.toContain('hiddenTreasure')
    expect(JSON.stringify(secret.conditions.git)).toContain('a.txt line 2')
    await writeFile(join(directory, 'a.txt'), 'long line of text\n'.repeat(100_000))
    const large = await captureConditions({ directory })
    expect(large.diff!.length).toBeLessThanOrEqual(1 << 20)
    expect(large.diff!.length).toBeGreaterThan(1 << 19)
    expect(large.conditions.git).toMatchObject({ dirty: true, diffCut: true })
  })

  it('hold no secrets of the environment, nor of the command line', async () => {
    const { argv } = process
    process.argv = [
      ...argv,
      '--label',
      'run with token ghp_hiddenTreasure0123456789',
      '--api-key=hidden-treasure',
    ]
    process.env.MY_API_TOKEN = 'hidden-treasure'
    process.env.OMP_NUM_THREADS = '3'
    try {
      const { conditions } = await captureConditions()
      expect(JSON.stringify(conditions)).not.toMatch(/hidden-?treasure/i)
      expect(JSON.stringify(conditions)).toContain('run with token')
      expect(conditions.environment).toMatchObject({ OMP_NUM_THREADS: '3' })
    } finally {
      process.argv = argv
      delete process.env.MY_API_TOKEN
      delete process.env.OMP_NUM_THREADS
    }
  })

  it('come without git', async () => {
    const path = process.env.PATH
    process.env.PATH = ''
    try {
      expect((await captureConditions()).conditions.git).toBeNull()
    } finally {
      process.env.PATH = path
    }
  })
})

describe('redaction', () => {
  it.each<[string[], string[]]>([
    [
      ['sweep', 'a.json', '--trials', '40'],
      ['sweep', 'a.json', '--trials', '40'],
    ],
    [
      ['--token', 'abc', 'x'],
      ['--token', '[redacted]', 'x'],
    ],
    [['--api-key=abc'], ['--api-key=[redacted]']],
    [
      ['--apiKey', 'abc'],
      ['--apiKey', '[redacted]'],
    ],
    [['DB_PASSWORD=abc'], ['DB_PASSWORD=[redacted]']],
    [
      ['--author', 'me'],
      ['--author', 'me'],
    ],
    [['ghp_0123456789abcdef'], ['[redacted]']],
    [['--with=sk-0123456789abcdef'], ['--with=[redacted]']],
    [
      ['--data', 'https://u:p@host/x.csv?sig=1&rows=2'],
      ['--data', 'https://host/x.csv?sig=[redacted]&rows=2'],
    ],
    [
      ['--verbose', '--token'],
      ['--verbose', '--token'],
    ],
    [
      ['-H', 'Authorization: Bearer abc', 'X-Api-Key:abc', 'Accept: text/csv', 'cookie: a=b'],
      ['-H', 'Authorization: [redacted]', 'X-Api-Key: [redacted]', 'Accept: text/csv', 'cookie: [redacted]'],
    ],
    [
      ['--db-pass', 'abc', '--compass', 'north'],
      ['--db-pass', '[redacted]', '--compass', 'north'],
    ],
    [
      ['https://s3.host/x?X-Amz-Signature=abc&X-Amz-Credential=def&part=1'],
      ['https://s3.host/x?X-Amz-Signature=[redacted]&X-Amz-Credential=[redacted]&part=1'],
    ],
  ])('%j', (args, expected) => {
    expect(redactArguments(args)).toEqual(expected)
  })

  it('finds secrets inside of texts', () => {
    for (const [text, shown] of [
      ['Authorization: token ghp_0123456789abcdefghij', 'Authorization: [redacted]'],
      ['curl -H "X: token ghp_0123456789abcdefghij" x', 'curl -H "X: token [redacted]" x'],
      ['sh -c "API_KEY=abc123 run"', 'sh -c "API_KEY=[redacted] run"'],
      ['{"user":"me","password":"hunter2"}', '{"user":"me","password":"[redacted]"}'],
      ['the token is 9fK2mQ7xZ4bT8wLp0c', 'the token is [redacted]'],
      ['see https://me:pw@host/a and more', 'see https://host/a and more'],
      ['key AKIA0123456789ABCDEF.', 'key [redacted].'],
      ['--max-tokens 100 --lr 0.1', '--max-tokens 100 --lr 0.1'],
      ['pip install sk-learn-contrib-tools', 'pip install sk-learn-contrib-tools'],
      ['count tokens: prefix-token-tokenizers', 'count tokens: prefix-token-tokenizers'],
    ])
      expect(redactArguments([text])).toEqual([shown])
  })

  it('takes secrets out of a diff, keeps it a diff, and says where they stood', () => {
    const diff = [
      'diff --git a/train.py b/train.py',
      'index 1..2 100644',
      '--- a/train.py',
      '+++ b/train.py',
      '@@ -10,3 +10,6 @@ def main():',
      ' import os',
      '+API_TOKEN = "9fK2mQ7xZ4bT"',
      '+token = tokens.next()',
      '+password: string',
      '+client = Client(api_key="abcd1234")',
      '-old = "ghp_0123456789abcdefghij"',
      ' for token in tokens:',
      '+++ i',
      'diff --git a/.env b/.env',
      '--- a/.env',
      '+++ b/.env',
      '@@ -1 +1,2 @@',
      ' A=1',
      '+ANYTHING=x',
      'diff --git a/k.txt b/k.txt',
      '--- /dev/null',
      '+++ b/k.txt',
      '@@ -0,0 +1,4 @@',
      '+-----BEGIN RSA PRIVATE KEY-----',
      '+MIIEow',
      '+IBAAKC',
      '+-----END RSA PRIVATE KEY-----',
      '',
    ]
    const { text, places } = redactDiff(diff.join('\n'))
    const shown = text.split('\n')
    expect(shown.length).toBe(diff.length)
    const changed = shown.flatMap((line, i) => (line === diff[i] ? [] : [[diff[i], line]]))
    expect(changed).toEqual([
      ['+API_TOKEN = "9fK2mQ7xZ4bT"', '+API_TOKEN = "[redacted]"'],
      ['+client = Client(api_key="abcd1234")', '+client = Client(api_key="[redacted]")'],
      ['-old = "ghp_0123456789abcdefghij"', '-old = "[redacted]"'],
      [' A=1', ' [redacted]'],
      ['+ANYTHING=x', '+[redacted]'],
      ['+MIIEow', '+[redacted]'],
      ['+IBAAKC', '+[redacted]'],
    ])
    expect(places).toEqual([
      'train.py line 11',
      'train.py line 14',
      'train.py line 11 (taken away)',
      '.env line 1',
      '.env line 2',
      'k.txt line 2',
      'k.txt line 3',
    ])
  })

  it('takes time in proportion to a text, whatever it is made of', () => {
    for (const piece of ['a://b:', 'token ', 'sk-a', 'eyJaaaaaaaa.', 'password="', 'x=']) {
      const began = process.cpuUsage().user
      redactText(piece.repeat(20_000 / piece.length))
      expect(process.cpuUsage().user - began, piece).toBeLessThan(1e6)
    }
  })

  it('names what looks like a secret in a command, and takes neither numbers nor placeholders for one', () => {
    const command = ['python3', 'train.py', '--token', 'abc', '--max-tokens', '100', '--token-limit={limit}']
    expect(secretsIn([...command, 'API_KEY=x', 'https://me:pw@host/a', '--tokens', '{n}'])).toEqual([
      '--token',
      'API_KEY=[redacted]',
      'https://host/a',
    ])
    expect(secretsIn(['./train.sh', '--lr', '{learningRate}'])).toEqual([])
  })

  it('leaves other addresses as they are', () => {
    for (const url of ['git@github.com:me/repo.git', 'https://example.org/a?b=c', 'file.csv', '/a/b@c']) {
      expect(redactUrl(url)).toBe(url)
    }
    expect(redactUrl('http://host:8080/a@b')).toBe('http://host:8080/a@b')
  })

  it('takes user and password out of an address, whatever they are made of', () => {
    expect(redactUrl('ssh://git:pass@host/repo')).toBe('ssh://host/repo')
    expect(redactUrl('https://me:p@ss@host/repo')).toBe('https://host/repo')
    expect(redactUrl('https://me:pa/ss@host/repo')).toBe('https://host/repo')
  })
})
