/** Who is at work here, as the record keeps it. */
import { hostname, userInfo } from 'node:os'

/** Who did something, and on which machine. */
export interface Person {
  readonly user: string
  readonly host: string
}

export function whoIsThis(): Person {
  return { user: userName(), host: hostname() }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A process in a container may run as a user without an entry in the list of users.
    return process.env.USER ?? process.env.USERNAME ?? `user ${process.getuid?.() ?? 'unknown'}`
  }
}
