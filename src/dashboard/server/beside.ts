/**
 * The live page beside a sweep: a process of its own, so that nobody who looks on slows the sweep, and which ends with the process
 * that started it, however that ends: the channel between them closes with either.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { type ErrorCode, EspalierError } from '../../errors.js'
import type { DashboardOptions } from './server.js'

export type BesideOptions = Omit<DashboardOptions, 'onWarning'>

/** What the process says. */
export type Said =
  | { readonly link: string }
  | { readonly warning: string }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } }

export interface Beside {
  readonly link: string
  /** Keeps this process, which it else would not, until the page's own has ended. */
  stay(): Promise<void>
  /** Ends it. */
  close(): void
}

/** @throws EspalierError where it cannot be started. */
export function startBeside(options: BesideOptions, onWarning: (message: string) => void): Promise<Beside> {
  const child = fork(createRequire(import.meta.url).resolve('#dashboard-process'), [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  child.send(options)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', () =>
      reject(new EspalierError('INTERNAL', 'the process of the dashboard ended before it served')),
    )
    child.on('message', (said: Said) => {
      if ('warning' in said) onWarning(said.warning)
      else if ('error' in said) reject(new EspalierError(said.error.code, said.error.message))
      else {
        // The sweep ends when it is done, whoever looks on.
        child.unref()
        child.channel?.unref()
        resolve({
          link: said.link,
          stay: async () => {
            child.ref()
            if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
          },
          close: () => child.connected && child.disconnect(),
        })
      }
    })
  })
}
