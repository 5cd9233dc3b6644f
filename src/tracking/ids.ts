/** Run ids. A child's id follows from its parent's and the trial number, so it need not be looked up. */
import { createHash, randomBytes } from 'node:crypto'

/** 16 hexadecimal digits: the clock and 128 random bits, hashed. */
export function newSweepId(): string {
  return digest16(`${Date.now()}:${randomBytes(16).toString('hex')}`)
}

/** The id of the run of one trial: the first 16 hexadecimal digits of sha256("<parent>:<trial>"). */
export function childIdOf(parent: string, trial: number): string {
  return digest16(`${parent}:${trial}`)
}

/** The id of an experiment, a function of its name. */
export function experimentIdOf(name: string): string {
  return digest16(`experiment:${name}`)
}

export const isRunId = (text: string) => /^[0-9a-f]{16}$/.test(text)

function digest16(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
