/** Probabilities put right (src/training/calibration.ts) in ONNX, by the same operations. */
import type { CalibrationFile } from '../model-file/types.js'
import { exponential } from './exponential.js'
import { columnsAt } from './graph.js'
import { logarithm } from './logarithm.js'
import { lastNotAbove } from './places.js'
import type { GraphBuilder, Tensor } from './types.js'

type ProbabilityMap = CalibrationFile['maps'][number]

/** `probabilities`: double [rows, classes], at least two. */
export function calibratedNodes(
  graph: GraphBuilder,
  { maps }: CalibrationFile,
  probabilities: Tensor,
  classes: number,
): Tensor {
  const one = graph.scalar('double', 1)
  const column = (c: number) => columnsAt(graph, probabilities, [c])
  if (classes === 2) {
    const second = mapped(graph, maps[0], column(1))
    return graph.node('Concat', [graph.node('Sub', [one, second]), second], { axis: 1 })
  }
  const of = maps.map((map, c) => mapped(graph, map, column(c)))
  const sum = of.reduce((total, next) => graph.node('Add', [total, next]))
  const shares = graph.node('Div', [graph.node('Concat', of, { axis: 1 }), sum])
  const isAny = graph.node('Greater', [sum, graph.scalar('double', 0)])
  return graph.node('Where', [isAny, shares, graph.scalar('double', 1 / classes)])
}

/** `p`: double [rows, 1]. */
function mapped(graph: GraphBuilder, map: ProbabilityMap, p: Tensor): Tensor {
  return 'a' in map ? sigmoid(graph, map, p) : interpolated(graph, map, p)
}

const nearest = 1e-12

function sigmoid(
  graph: GraphBuilder,
  { a, b }: { readonly a: number; readonly b: number },
  p: Tensor,
): Tensor {
  const real = (value: number) => graph.scalar('double', value)
  const inside = graph.node('Min', [graph.node('Max', [p, real(nearest)]), real(1 - nearest)])
  const odds = logarithm(graph, graph.node('Div', [inside, graph.node('Sub', [real(1), inside])]))
  const z = graph.node('Add', [graph.node('Mul', [real(a), odds]), real(b)])
  const e = exponential(graph, graph.node('Neg', [graph.node('Abs', [z])]))
  const above = graph.node('Where', [graph.node('GreaterOrEqual', [z, real(0)]), real(1), e])
  return graph.node('Div', [above, graph.node('Add', [real(1), e])])
}

/** Straight lines between points. */
function interpolated(
  graph: GraphBuilder,
  map: { readonly p: readonly number[]; readonly q: readonly number[] },
  x: Tensor,
): Tensor {
  const last = map.p.length - 1
  const [p, q] = [graph.constant('double', map.p), graph.constant('double', map.q)]
  const at = (values: Tensor, places: Tensor) => graph.node('Gather', [values, places])
  const ends = (place: number) => graph.scalar('double', map.q[place])
  const isLast = graph.node('GreaterOrEqual', [x, graph.scalar('double', map.p[last])])
  const isFirst = graph.node('LessOrEqual', [x, graph.scalar('double', map.p[0])])
  if (last === 0) return graph.node('Where', [isFirst, ends(0), ends(0)])
  const low = lastNotAbove(graph, map.p, x)
  const high = graph.node('Add', [low, graph.scalar('int64', 1)])
  const [fromP, fromQ] = [at(p, low), at(q, low)]
  const share = graph.node('Div', [graph.node('Sub', [x, fromP]), graph.node('Sub', [at(p, high), fromP])])
  const between = graph.node('Add', [
    fromQ,
    graph.node('Mul', [share, graph.node('Sub', [at(q, high), fromQ])]),
  ])
  return graph.node('Where', [isFirst, ends(0), graph.node('Where', [isLast, ends(last), between])])
}
