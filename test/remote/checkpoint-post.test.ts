/** What a worker leaves out of a checkpoint that it sends is what its coordinator has for sure. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { installCheckpoint } from '../../src/execution/index.js'
import { CheckpointPost } from '../../src/remote/checkpoint-post.js'
import type { Post } from '../../src/remote/post.js'
import type { SentCheckpoint } from '../../src/remote/sent-checkpoint.js'
import type { Transport } from '../../src/remote/transport.js'
import { temporaryFolder } from '../temporary.js'

const digestOf = (content: string) => createHash('sha256').update(content).digest('hex')

/** A whole checkpoint with these files, named as what is in them. */
function checkpointWith(...contents: string[]): Promise<string> {
  const files = contents.map((content) => ({
    ...{ name: `folder/${content}`, bytes: content.length, sha256: digestOf(content), modified: 0 },
  }))
  const part = { kind: 'whole' } as const
  return installCheckpoint(
    { folder: temporaryFolder(), limitMB: 1 },
    { trial: 0, part },
    {
      ...{ trial: 0, part: 'whole', params: {}, seed: 1, reports: [], continued: [], left: [] },
      folders: ['folder', 'left'],
      files,
    },
    async ({ name }, path) => writeFileSync(path, name.slice('folder/'.length)),
  )
}

it('a file is sent again while the one that has it may have been replaced', async () => {
  const said: SentCheckpoint[] = []
  const post = { say: async ({ sent }: { sent: SentCheckpoint }) => void said.push(sent) }
  const transport = { putContent: async () => {}, dropContent: async () => {} }
  const sender = new CheckpointPost(transport as unknown as Transport, post as unknown as Post, 'fit', null)
  const send = async (...contents: string[]) => {
    sender.send(await checkpointWith(...contents))
    await sender.settled()
    return Object.keys(said.at(-1)!.parts)
  }
  expect(await send('a')).toEqual([digestOf('a')])
  sender.kept(0)
  expect(await send('a', 'b')).toEqual([digestOf('b')])
  sender.kept(1)
  expect(await send('b')).toEqual([])
  // Nobody knows yet whether "a" is still there.
  expect(await send('a', 'b')).toEqual([digestOf('a')])
  sender.kept(2)
  sender.kept(3)
  expect(await send('a', 'b')).toEqual([])
})
