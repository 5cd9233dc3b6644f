export { createPruner, prunerSettings } from './create.js'
