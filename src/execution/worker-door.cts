/**
 * What piscina loads in a thread: the worker's own file behind a door of CommonJS. Piscina tries `require` first, and a
 * thread that is ended while `require` instantiates an ES module takes the whole process with it (Node 20.19 and newer:
 * "IsGraphAsync must be used on an instantiated module"). An `import` that is cut off ends its thread alone.
 */
const entry = import('./worker-entry.js')
// Whoever hands in the first task hears of it.
entry.catch(() => {})

// Awaited here, for a promise that is returned asks its `then`, which a fit may have changed.
export = async (task: never): Promise<unknown> => await (await entry).default(task)
