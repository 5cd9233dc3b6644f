/** Folders of dead processes are cleared away with what still runs in them, and nobody else's. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { clearDead, makeScratch, removeScratch } from '../../../src/training/command/scratch.js'
import { temporaryFolder } from '../../temporary.js'

it('clears what dead processes of this machine left, and ends their programs', async () => {
  const own = await makeScratch()
  await removeScratch(own)
  const [, place, pid, born] = /^espalier-trial-(\w{8})-(\d+)-(\d+)-\w{6}-/.exec(basename(own))!
  expect(Number(pid)).toBe(process.pid)
  const ended = spawn('true')
  await once(ended, 'exit')
  const temporary = temporaryFolder()
  const outside = temporaryFolder()
  writeFileSync(join(outside, 'precious'), '')
  const name = (place: string, pid: unknown, born: string, end: string) =>
    `espalier-trial-${place}-${pid}-${born}-abcdef-${end}`
  const dead = join(temporary, name(place, ended.pid, '17', 'aaaaaa'))
  mkdirSync(dead)
  symlinkSync(outside, join(dead, 'link'))
  const reborn = join(temporary, name(place, pid, '1', 'bbbbbb'))
  mkdirSync(reborn)
  const kept = [
    name(place, pid, born, 'cccccc'),
    name('00000000', ended.pid, '17', 'dddddd'),
    'espalier-trial-abcdef',
    'espalier-trial-mine',
  ]
  for (const one of kept) mkdirSync(join(temporary, one))
  const link = name(place, ended.pid, '17', 'eeeeee')
  symlinkSync(outside, join(temporary, link))
  const program = spawn('sleep', ['60'], {
    env: { ...process.env, ESPALIER_DIRECTORY: dead },
    detached: true,
  })
  const gone = once(program, 'exit')
  await once(program, 'spawn')
  await clearDead(temporary)
  // Elsewhere than on Linux the system does not say when a process was born, nor what it carries.
  if (!existsSync('/proc/self/environ')) kept.push(basename(reborn))
  expect(readdirSync(temporary).sort()).toEqual([...kept, link].sort())
  expect(existsSync(join(outside, 'precious'))).toBe(true)
  if (!existsSync('/proc/self/environ')) program.kill()
  expect((await gone)[1]).toMatch(/^SIG/)
})

it('the first folder of a process clears away what dead ones left', async () => {
  const own = await makeScratch()
  await removeScratch(own)
  const [, place] = /^espalier-trial-(\w{8})-/.exec(basename(own))!
  const ended = spawn('true')
  await once(ended, 'exit')
  const { TMPDIR } = process.env
  const temporary = temporaryFolder()
  mkdirSync(join(temporary, `espalier-trial-${place}-${ended.pid}-17-abcdef-aaaaaa`))
  process.env.TMPDIR = temporary
  try {
    // As another process has it, that has made no folder yet.
    const fresh = '../../../src/training/command/scratch.js?fresh'
    const { makeScratch: makeFirst } = (await import(fresh)) as { makeScratch: typeof makeScratch }
    const first = await makeFirst()
    expect(readdirSync(temporary)).toEqual([basename(first)])
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
})
