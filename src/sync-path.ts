/** What was written is on the disk, and not only in the system's memory. */
import { open } from 'node:fs/promises'

/** A file, or a folder with the names in it. */
export async function syncPath(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Windows cannot open a folder, and some network file systems cannot sync one.
    const { code } = error as NodeJS.ErrnoException
    if (!['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP'].includes(code ?? '')) throw error
  }
}
