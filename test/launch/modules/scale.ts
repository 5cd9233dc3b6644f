// A module beside the trainer's, also in TypeScript.
export type Scale = { mean: number; deviation: number }

export function fitScale(values: readonly number[]): Scale {
  const present = values.filter((value) => !Number.isNaN(value))
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length
  const variance = present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / present.length
  return { mean, deviation: Math.sqrt(variance) || 1 }
}

export const scaled = (value: number, { mean, deviation }: Scale): number =>
  Number.isNaN(value) ? 0 : (value - mean) / deviation
