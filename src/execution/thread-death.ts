/** What the end of a thread says of its cause. */

/** Whether a thread died because it had no memory left. */
export function isOutOfMemory(thrown: unknown): boolean {
  return (thrown as { code?: unknown } | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
}

/** The exit code of a thread that ended by itself; null where it died otherwise. */
export function exitCode(thrown: unknown): string | null {
  const message = thrown instanceof Error ? thrown.message : ''
  return /^worker exited with code: (-?\d+)$/.exec(message)?.[1] ?? null
}
