/**
 * One sweep by the built package, as a program of somebody's would run it: `{ spec, options }` as JSON on stdin; answers the processor time
 * of the whole process from the call to its end (s), the params of the trials, and the best value.
 */
import { readFileSync } from 'node:fs'
import { sweep } from 'espalier'

const { spec, options } = JSON.parse(readFileSync(0, 'utf8'))
const params = []
const before = process.cpuUsage()
const result = await sweep(spec, {
  ...options,
  onEvent(event) {
    if (event.type === 'trial-ended') params.push({ ...event.params })
  },
})
const { user, system } = process.cpuUsage(before)
process.stdout.write(JSON.stringify({ seconds: (user + system) / 1e6, params, score: result.best.value }))
