/** A model over HTTP. */
export type { ModelFacts } from './messages.js'
export { type ServedModel, type ServeOptions, serveModel, usualPort } from './server.js'
