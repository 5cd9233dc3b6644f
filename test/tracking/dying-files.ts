/**
 * The real file system until one operation, and from then on none at all: what a process killed there leaves on the
 * disk. Everything asked afterwards is refused, so that nothing more changes, and whoever asked comes to an end.
 *
 * Beside that, what a power cut there would leave: it knows which contents and which names had been synced.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type FileSystem, nodeFileSystem, type OpenFile } from '../../src/tracking/file-system.js'

interface FileNode {
  kind: 'file'
  content: Buffer
  synced: Buffer
}

interface DirectoryNode {
  kind: 'directory'
  names: Map<string, Node>
  synced: Map<string, Node>
}

type Node = FileNode | DirectoryNode

const newDirectory = (): DirectoryNode => ({ kind: 'directory', names: new Map(), synced: new Map() })

export class DyingFiles implements FileSystem {
  /** Operations so far that change something. */
  operations = 0
  readonly #root = newDirectory()

  /**
   * @param top the directory everything is in; it must be empty.
   * @param last how many operations are done; of a write that would be the next one, half.
   */
  constructor(
    private readonly top: string,
    public last = Number.POSITIVE_INFINITY,
  ) {}

  get dead(): boolean {
    return this.operations > this.last
  }

  open: FileSystem['open'] = async (path, how) => {
    if (how === 'create') this.#operation()
    else this.#mustLive()
    const file = await nodeFileSystem.open(path, how)
    if (how === 'create') {
      this.#directory(dirname(path)).names.set(basename(path), {
        kind: 'file',
        content: Buffer.alloc(0),
        synced: Buffer.alloc(0),
      })
    }
    return how === 'read' ? file : this.#watched(file, this.#node(path) as FileNode)
  }

  #watched(file: OpenFile, node: FileNode): OpenFile {
    return {
      ...file,
      append: async (bytes) => {
        if (this.operations === this.last) {
          await this.#append(file, node, bytes.subarray(0, bytes.length >> 1))
        }
        this.#operation()
        return this.#append(file, node, bytes)
      },
      truncate: async (length) => {
        this.#operation()
        await file.truncate(length)
        node.content = node.content.subarray(0, length)
      },
      datasync: async () => {
        this.#operation()
        await file.datasync()
        node.synced = node.content
      },
    }
  }

  async #append(file: OpenFile, node: FileNode, bytes: Uint8Array): Promise<number> {
    const count = await file.append(bytes)
    node.content = Buffer.concat([node.content, bytes.subarray(0, count)])
    return count
  }

  makeDirectory: FileSystem['makeDirectory'] = async (path) => {
    this.#operation()
    const made = await nodeFileSystem.makeDirectory(path)
    this.#directory(path, true)
    return made
  }

  rename: FileSystem['rename'] = async (from, to) => {
    this.#operation()
    await nodeFileSystem.rename(from, to)
    const node = this.#node(from)
    this.#directory(dirname(from)).names.delete(basename(from))
    this.#directory(dirname(to)).names.set(basename(to), node)
  }

  remove: FileSystem['remove'] = async (path) => {
    this.#operation()
    await nodeFileSystem.remove(path)
    this.#directory(dirname(path)).names.delete(basename(path))
  }

  syncDirectory: FileSystem['syncDirectory'] = async (path) => {
    this.#operation()
    await nodeFileSystem.syncDirectory(path)
    if (path !== dirname(this.top)) {
      const directory = this.#directory(path)
      directory.synced = new Map(directory.names)
    }
  }

  readFile: FileSystem['readFile'] = async (path) => {
    this.#mustLive()
    return nodeFileSystem.readFile(path)
  }

  list: FileSystem['list'] = async (path) => {
    this.#mustLive()
    return nodeFileSystem.list(path)
  }

  stat: FileSystem['stat'] = async (path) => {
    this.#mustLive()
    return nodeFileSystem.stat(path)
  }

  /**
   * Writes what a power cut now would leave into another directory: contents as they were synced last, under the names
   * of now, or, with `names: 'synced'`, under those that were synced.
   */
  async afterPowerCut(directory: string, names: 'all' | 'synced'): Promise<void> {
    const write = async (node: Node, path: string): Promise<void> => {
      if (node.kind === 'file') return writeFile(path, node.synced)
      await mkdir(path, { recursive: true })
      for (const [name, entry] of names === 'all' ? node.names : node.synced)
        await write(entry, join(path, name))
    }
    await write(this.#root, directory)
  }

  #operation(): void {
    this.operations++
    this.#mustLive()
  }

  #mustLive(): void {
    if (this.dead) throw Object.assign(new Error('the process is dead'), { code: 'EDEAD' })
  }

  #node(path: string): Node {
    const node = this.#directory(dirname(path)).names.get(basename(path))
    if (node === undefined) throw new Error(`${path} was not made here`)
    return node
  }

  #directory(path: string, make = false): DirectoryNode {
    if (path === this.top) return this.#root
    const above = this.#directory(dirname(path), make)
    const name = basename(path)
    if (make && !above.names.has(name)) above.names.set(name, newDirectory())
    return above.names.get(name) as DirectoryNode
  }
}
