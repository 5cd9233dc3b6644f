/**
 * A second, narrow door of this room: what opens a trainer and says what it is, for a thread that does no more than that.
 * By the wide one it would load all that trains, which takes several times as long.
 */
export { describeOpened } from './check-trainer.js'
export { openMetric } from './judging/own-metric.js'
export { openTrainer } from './open-trainer.js'
