/** Tests run what is built: whether that is what the sources say is found out before any of them. */
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { isBuilt, rememberBuilt } from './build.js'
import { temporaryDirectory } from './temporary.js'

it('what is built here was built from the sources as they are', () => {
  expect(isBuilt(fileURLToPath(new URL('..', import.meta.url)))).toBe(true)
})

it('what was built from other sources, or altered since, is built anew', async () => {
  const project = await temporaryDirectory()
  const write = (file: string, text: string) => {
    mkdirSync(join(project, file, '..'), { recursive: true })
    writeFileSync(join(project, file), text)
  }
  const files = {
    'src/cli/main.ts': 'main',
    'src/index.ts': 'index',
    'package.json': '{}',
    'package-lock.json': '{}',
    'tsconfig.json': '{}',
    'tsconfig.build.json': '{}',
    'dist/cli/main.js': 'built',
  }
  for (const [file, text] of Object.entries(files)) write(file, text)
  expect(isBuilt(project)).toBe(false)
  rememberBuilt(project)
  expect(isBuilt(project)).toBe(true)
  for (const [file, text] of Object.entries(files)) {
    write(file, `${text} altered`)
    expect([file, isBuilt(project)]).toEqual([file, false])
    write(file, text)
    expect([file, isBuilt(project)]).toEqual([file, true])
  }
  for (const change of [
    () => write('src/more.ts', ''),
    () => renameSync(join(project, 'src/index.ts'), join(project, 'src/other.ts')),
    () => rmSync(join(project, 'dist/cli/main.js')),
    () => rmSync(join(project, 'dist'), { recursive: true }),
  ]) {
    cpSync(project, `${project}-kept`, { recursive: true })
    change()
    expect(isBuilt(project)).toBe(false)
    rmSync(project, { recursive: true })
    renameSync(`${project}-kept`, project)
  }
})
