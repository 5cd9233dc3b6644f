/** A loss that falls from step to step, to a height that depends on x. */
export default {
  name: 'curve',
  async objective({ x }, context) {
    let value = 0
    for (let step = 1; step <= 9; step++) {
      value = (x - 0.2) ** 2 + 1 / step
      if ((await context.report(step, { value })) === 'prune') break
    }
    return value
  },
}
