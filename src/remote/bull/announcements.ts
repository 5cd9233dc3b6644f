/** Announcements: jobs in a queue that nobody works on, one for each that can be found. */

import type { Queue } from 'bullmq'
import type { Announcement, AnnouncementKind } from '../transport.js'
import type { Backing } from './backing.js'
import { dataOf, textsOf } from './text.js'

/** BullMQ takes no numbers for ids. */
const mark = 'a-'

export class Announcements {
  readonly #backing: Backing
  readonly #queues: Readonly<Record<AnnouncementKind, Queue>>

  constructor(backing: Backing) {
    this.#backing = backing
    this.#queues = {
      sweep: backing.queue('sweeps'),
      worker: backing.queue('workers'),
      seen: backing.queue('seen'),
    }
  }

  async announce(kind: AnnouncementKind, id: string, body: string): Promise<void> {
    const queue = this.#queues[kind]
    const data = dataOf([body])
    await this.#backing.patiently(async () => {
      const job = await queue.getJob(mark + id)
      if (job === undefined) await queue.add(kind, data, { jobId: mark + id })
      else await job.updateData(data).catch((error) => this.#addMissing(queue, kind, mark + id, data, error))
    })
  }

  /** It was there a moment ago, and is not any more. */
  async #addMissing(queue: Queue, kind: string, jobId: string, data: unknown, error: unknown): Promise<void> {
    if ((await queue.getJob(jobId)) !== undefined) throw error
    await queue.add(kind, data, { jobId })
  }

  async announced(kind: AnnouncementKind): Promise<Announcement[]> {
    const jobs = await this.#backing.patiently(() => this.#queues[kind].getJobs(['waiting'], 0, -1, true))
    const found: Announcement[] = []
    for (const job of jobs) {
      // One that was taken back while they were read has no data any more.
      if (job?.id === undefined) continue
      found.push({ id: job.id.slice(mark.length), body: bodyOf(job.data) })
    }
    return found
  }

  async announcement(kind: AnnouncementKind, id: string): Promise<string | null> {
    const job = await this.#backing.patiently(() => this.#queues[kind].getJob(mark + id))
    return job === undefined ? null : bodyOf(job.data)
  }

  async unannounce(kind: AnnouncementKind, id: string): Promise<void> {
    await this.#backing.patiently(() => this.#queues[kind].remove(mark + id))
  }
}

/** Of what is none of ours no more than that it is there: one stranger must not hide all the others. */
function bodyOf(data: unknown): string {
  try {
    return textsOf(data)[0] ?? ''
  } catch {
    return ''
  }
}
