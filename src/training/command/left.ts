/**
 * What a program leaves for its trial while it runs, and takes up again where it goes on from a checkpoint: what it printed, and
 * its artifacts. These are read when the program ends, so that of one that was handed in before an interruption the file counts as
 * it is then; where it is gone, as it was when the checkpoint was kept.
 */
import { statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { LeftFile } from '../plan.js'
import type { Capture } from './capture.js'

export const streams = ['stdout', 'stderr'] as const
export type Printed = Readonly<Record<(typeof streams)[number], Capture>>

/** Folders of the trial's own: other ones when it goes on. */
export interface OwnFolders {
  /** Empty at the start. */
  readonly directory: string
  /** As it was kept at the start. */
  readonly checkpoint: string
}

/** @param directory where relative names of artifacts start. */
export function leftSoFar(
  artifacts: ReadonlyMap<string, string>,
  printed: Printed,
  directory: string,
  own: OwnFolders,
): LeftFile[] {
  const output = streams.flatMap((name): LeftFile[] => {
    const content = printed[name].content()
    return content.length === 0 ? [] : [{ kind: 'output', name, origin: '', content }]
  })
  const files = [...artifacts].map(([name, file]): LeftFile => {
    const path = resolve(directory, file)
    const origin = originOf(path, own)
    // What is in the checkpoint folder is kept with that.
    const content = isFile(path) && !path.startsWith(own.checkpoint + sep) ? path : null
    return { kind: 'artifact', name, origin, content }
  })
  return [...output, ...files]
}

export interface LeftArtifact {
  readonly path: string
  /** Whether what was in it is kept. */
  readonly isKnown: boolean
}

/** What a program printed goes to what it prints now; the artifacts it handed in are the answer, by name. */
export async function takeUpLeft(
  left: readonly LeftFile[],
  printed: Printed,
  own: OwnFolders,
): Promise<Map<string, LeftArtifact>> {
  const artifacts = new Map<string, LeftArtifact>()
  for (const { kind, name, origin, content } of left) {
    const bytes = content instanceof Uint8Array ? Buffer.from(content) : null
    if (kind === 'output' && bytes !== null)
      for (const stream of streams) if (stream === name) printed[stream].add(bytes)
    if (kind !== 'artifact' || origin === '') continue
    const path = pathOf(origin, own)
    if (bytes !== null && path.startsWith(own.directory + sep)) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, bytes)
    }
    artifacts.set(name, { path, isKnown: bytes !== null })
  }
  return artifacts
}

/** The path with the trial's own folders as the arguments of a program have them: `{directory}/model.bin`. */
function originOf(path: string, own: OwnFolders): string {
  for (const name of ['directory', 'checkpoint'] as const)
    if (path.startsWith(own[name] + sep)) return `{${name}}/${relative(own[name], path).split(sep).join('/')}`
  return path
}

function pathOf(origin: string, own: OwnFolders): string {
  for (const name of ['directory', 'checkpoint'] as const)
    if (origin.startsWith(`{${name}}/`)) return join(own[name], origin.slice(name.length + 3))
  return origin
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
