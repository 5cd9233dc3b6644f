/**
 * Points among which the maximum of the acquisition is looked for: points spread over the whole space, and
 * perturbations of the best points known. All are feasible (snapped), so that the model sees what would be tried.
 */
import type { RandomStream, SobolSequence } from '../../numeric/index.js'
import type { Space } from '../../space/index.js'

/** Deviations of the perturbations, in the unit cube, taken in turns. */
const perturbationScales = [0.2, 0.1, 0.05, 0.02, 0.005]

/** `count` points of a Sobol sequence from `first` on, snapped. */
export function spreadCandidates(
  space: Space,
  sequence: SobolSequence,
  first: number,
  count: number,
): Float64Array[] {
  return Array.from({ length: count }, (_, i) => {
    const point = sequence.point(first + i)
    space.snapInto(point)
    return point
  })
}

/**
 * `count` perturbations of the anchors, in turns. Each dimension is moved with a probability between 2/d and 1, at
 * least one in any case; what the anchor leaves inactive is drawn afresh, for where a move makes it active.
 */
export function perturbedCandidates(
  space: Space,
  anchors: readonly Float64Array[],
  count: number,
  random: RandomStream,
): Float64Array[] {
  const d = space.dimensions.length
  if (anchors.length === 0 || d === 0) return []
  const active = new Uint8Array(d)
  return Array.from({ length: count }, (_, k) => {
    const anchor = anchors[k % anchors.length]
    const scale = perturbationScales[Math.floor(k / anchors.length) % perturbationScales.length]
    const point = Float64Array.from(anchor)
    space.activeInto(anchor, active)
    const least = Math.min(1, 2 / d)
    const probability = least + (1 - least) * random.next()
    const surely = random.integer(d)
    for (let i = 0; i < d; i++) {
      if (active[i] === 0) point[i] = random.next()
      else if (i === surely || random.next() < probability)
        point[i] = perturb(space, i, point[i], scale, random)
    }
    space.snapInto(point)
    return point
  })
}

function perturb(space: Space, i: number, u: number, scale: number, random: RandomStream): number {
  const dimension = space.dimensions[i]
  const { kind, levels } = dimension
  if (kind === 'categorical') return dimension.levelToUnit(random.integer(levels))
  // An ordered parameter moves by about one level where the scale is smaller than a level.
  const width = kind === 'ordered' ? Math.max(scale, 1 / levels) : scale
  return reflect(u + width * random.normal())
}

/** Back into [0, 1], as by mirrors at both ends. */
function reflect(u: number): number {
  const v = Math.abs(u) % 2
  return v > 1 ? 2 - v : v
}
