/** Fits on other machines: `espalier/remote` is the door for who uses them in code. */
export { remoteExecutor } from './coordinator.js'
export { type QueueOptions, queueSettings } from './settings.js'
export { type StopOptions, type StoppedWorker, stopWorkers } from './stop-workers.js'
export { runWorker, type WorkerEnd, type WorkerEvent, type WorkerOptions } from './worker.js'
export {
  type ListOptions,
  listWorkers,
  type QueueWorker,
  type QueueWorkers,
  type WorkerFit,
} from './workers.js'
