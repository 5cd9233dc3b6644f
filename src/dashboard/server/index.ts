/** The live page's server, in this process or beside it. */
export { type Beside, startBeside } from './beside.js'
export { type Dashboard, type DashboardOptions, startDashboard, usualPort } from './server.js'
