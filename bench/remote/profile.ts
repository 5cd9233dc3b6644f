/** Whose time it was: of a profile of one thread on which coordinator and workers ran, the ms of the coordinator with its search and record. */
import type { Profiler } from 'node:inspector'

/** Told by the innermost function that is surely the one's or the other's. */
const coordinators =
  /\/src\/(sweep|tracking|search|launch|space)\/|\/src\/remote\/(coordinator|remote-fit|workers-watch)\./
const others =
  /\/src\/remote\/(worker|worker-seat|post|session-watch|kept-content|installed)\.|\/simulation\/|\/src\/execution\/inline\./

export function coordinatorShare({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): number {
  const parents = new Map<number, number>()
  const urls = new Map<number, string>()
  for (const { id, callFrame, children = [] } of nodes) {
    urls.set(id, callFrame.url)
    for (const child of children) parents.set(child, id)
  }
  const known = new Map<number, boolean>()
  const isCoordinators = (id: number): boolean => {
    let answer = known.get(id)
    if (answer === undefined) {
      const url = urls.get(id) ?? ''
      const parent = parents.get(id)
      answer = coordinators.test(url) || (!others.test(url) && parent !== undefined && isCoordinators(parent))
      known.set(id, answer)
    }
    return answer
  }
  let microseconds = 0
  for (const [i, id] of samples.entries()) if (isCoordinators(id)) microseconds += timeDeltas[i] ?? 0
  return microseconds / 1000
}
