/**
 * BullMQ's PostgreSQL backend goes by the clock of whoever asks: a machine whose clock is ahead would take the claims of all others for
 * dead. Here its statements go by the clock of the server, and a job that is claimed bears the time on our own at which we asked for it.
 */

/** Which parameter of a statement is the time now. */
const timed: readonly (readonly [call: string, parameter: number])[] = [
  ['move_to_active(', 4],
  ['move_to_completed_fetch(', 10],
  ['move_to_failed_fetch(', 11],
  ['move_stalled_jobs_to_wait(', 3],
  ['extend_lock(', 5],
  ['locked_until_ms = $5::bigint + $4::bigint', 5],
]

/** The server's time in ms, of a parameter whose value is not heeded. */
function serverTime(parameter: number): string {
  return `(COALESCE($${parameter}::bigint, 0) * 0 + (extract(epoch FROM clock_timestamp()) * 1000)::bigint)`
}

const known = new Map<string, string>()

/** The statement, going by the server's clock where it asks for the time. */
export function byServerTime(statement: string): string {
  let answer = known.get(statement)
  if (answer === undefined) {
    answer = statement.replace(/^--.*$/gm, '').trim()
    const found = timed.find(([call]) => answer!.includes(call))
    if (found !== undefined) {
      const [, parameter] = found
      const at = answer.lastIndexOf(found[0])
      const rest = answer
        .slice(at)
        .replace(new RegExp(`\\$${parameter}(::bigint)?(?!\\d)`), () => serverTime(parameter))
      answer = answer.slice(0, at) + rest
    }
    known.set(statement, answer)
  }
  return answer
}

/** Puts the time at which we asked, on our clock, into the jobs that a statement claimed. */
export function stampClaims(rows: readonly Record<string, unknown>[], askedAt: number): void {
  for (const row of rows) if (row.processed_at_ms != null) row.processed_at_ms = String(askedAt)
}
