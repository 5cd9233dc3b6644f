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
import { type Said, unpackSaid } from './said.js'

export const streams = ['stdout', 'stderr'] as const
export type Printed = Readonly<Record<(typeof streams)[number], Capture>>

/** Folders of the trial's own: other ones when it goes on. */
export interface OwnFolders {
  /** Empty at the start. */
  readonly directory: string
  /** As it was kept at the start. */
  readonly checkpoint: string
}

/** What a program has handed in so far. */
export interface HandedIn {
  /** Files by the name they are to be kept under. */
  readonly artifacts: ReadonlyMap<string, string>
  /** What was in those that it handed in before an interruption alone. */
  readonly kept: ReadonlyMap<string, Uint8Array>
}

/** What a fit that goes on takes up. */
export interface TakenUp {
  /** By name. */
  readonly artifacts: ReadonlyMap<string, LeftArtifact>
  readonly said: Said | null
  /** What stood in the file of its result. */
  readonly result: Uint8Array | null
}

/** @param directory where relative names of artifacts start. */
export function leftSoFar(
  { artifacts, kept }: HandedIn,
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
    const content = isFile(path)
      ? path.startsWith(own.checkpoint + sep)
        ? null
        : path
      : (kept.get(name) ?? null)
    return { kind: 'artifact', name, origin, content }
  })
  return [...output, ...files]
}

export interface LeftArtifact {
  readonly path: string
  /** What was in it, where that is kept. */
  readonly content: Uint8Array | null
}

/** What a program printed goes to what it prints now; the rest is the answer. */
export async function takeUpLeft(
  left: readonly LeftFile[],
  printed: Printed,
  own: OwnFolders,
): Promise<TakenUp> {
  const artifacts = new Map<string, LeftArtifact>()
  const said = saidIn(left)
  let result: Uint8Array | null = null
  for (const { kind, name, origin, content } of left) {
    const bytes = content instanceof Uint8Array ? Buffer.from(content) : null
    if (kind === 'output' && bytes !== null)
      for (const stream of streams)
        if (stream === name) printed[stream].takeUp(bytes, said?.dropped[stream] ?? 0)
    if (kind === 'result') result = bytes
    if (kind !== 'artifact' || origin === '') continue
    const path = pathOf(origin, own)
    if (bytes !== null && path.startsWith(own.directory + sep)) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, bytes)
    }
    artifacts.set(name, { path, content: bytes })
  }
  return { artifacts, said, result }
}

/** null where an earlier version kept it. */
function saidIn(left: readonly LeftFile[]): Said | null {
  const content = left.find(({ kind }) => kind === 'said')?.content
  return content instanceof Uint8Array ? unpackSaid(content) : null
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
