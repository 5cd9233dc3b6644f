/** The live page's server. */
export { type Dashboard, type DashboardOptions, startDashboard, usualPort } from './server.js'
