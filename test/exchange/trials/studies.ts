/** Studies in fixtures, written by Optuna itself, beside what Optuna reads of them (fixtures/make.py). */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { distributionText, parseDistribution } from '../../../src/exchange/trials/optuna/distributions.js'
import type { OptunaStudy, states } from '../../../src/exchange/trials/optuna/study.js'

export const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

export interface ToldTrial {
  readonly number: number
  readonly state: (typeof states)[number]
  readonly values: readonly unknown[] | null
  readonly params: Readonly<Record<string, unknown>>
  readonly distributions: Readonly<Record<string, { name: string; attributes: Record<string, unknown> }>>
  readonly steps: Readonly<Record<string, unknown>>
  readonly start: string | null
  readonly end: string | null
  readonly userAttrs: Readonly<Record<string, unknown>>
  readonly systemAttrs: Readonly<Record<string, unknown>>
}

export interface ToldStudy {
  readonly name: string
  readonly directions: readonly string[]
  readonly metrics: readonly string[] | null
  readonly userAttrs: Readonly<Record<string, unknown>>
  readonly trials: readonly ToldTrial[]
}

export const folders = ['optuna-3', 'optuna-4', 'optuna-5'] as const

export function told(folder: string): Readonly<Record<string, readonly ToldStudy[]>> {
  return JSON.parse(readFileSync(fixture(`${folder}/what.json`), 'utf8')).files
}

/** As `make.py` tells values: numbers that are not finite as Python's texts of them. */
export function plain(value: unknown): unknown {
  if (typeof value === 'number')
    return Number.isFinite(value) ? value : Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
  return value
}

/** Every entry of every trial. */
export function expectStudy(study: OptunaStudy, expected: ToldStudy): void {
  expect(study.name).toBe(expected.name)
  expect(study.directions).toEqual(expected.directions.map((one) => one.toLowerCase()))
  expect(study.userAttrs).toEqual(expected.userAttrs)
  expect(study.trials).toHaveLength(expected.trials.length)
  for (const [i, trial] of study.trials.entries()) {
    const { number, state, values, params, distributions, steps, start, end, userAttrs, systemAttrs } =
      expected.trials[i]
    expect(trial.number).toBe(number)
    expect(trial.state).toBe(state)
    expect(plain(trial.values)).toEqual(values)
    expect(plain(Object.fromEntries(trial.params))).toEqual(params)
    expect(
      Object.fromEntries([...trial.distributions].map(([name, one]) => [name, distributionText(one)])),
    ).toEqual(
      Object.fromEntries(
        Object.entries(distributions).map(([name, one]) => [
          name,
          distributionText(parseDistribution(JSON.stringify(one))),
        ]),
      ),
    )
    expect(plain(Object.fromEntries(trial.intermediate))).toEqual(steps)
    expect(micros(trial.started)).toBe(micros(start))
    expect(micros(trial.completed)).toBe(micros(end))
    expect(trial.userAttrs).toEqual(userAttrs)
    expect(trial.systemAttrs).toEqual(systemAttrs)
  }
}

function micros(time: string | null): string | null {
  if (time === null) return null
  const [whole, fraction] = time.replace(/Z$/, '').split('.')
  return `${whole}.${fraction.padEnd(6, '0')}`
}
