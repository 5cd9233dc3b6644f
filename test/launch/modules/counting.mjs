/** An objective that counts on from its checkpoint, writes each step into `trained` and, where told, throws once. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export default {
  name: 'counting',
  async objective({ x, trained, throwsAt = -1 }, context) {
    const file = join(context.checkpoint, 'state.json')
    let { step, sum } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { step: 0, sum: x }
    if (step !== context.step)
      throw new Error(`the checkpoint is of step ${step}, the record of ${context.step}`)
    while (step < 6) {
      appendFileSync(trained, `${context.trial} ${step}\n`)
      sum = (sum * 31 + step + 7) % 10007
      context.log(`step ${step}`)
      console.log(`printed ${step}`)
      if (step === 0) context.artifact('first.txt', `${sum}\n`)
      const once = `${trained}-${context.trial}`
      if (step === throwsAt && !existsSync(once)) {
        writeFileSync(once, '')
        throw new Error('just once')
      }
      step++
      writeFileSync(file, JSON.stringify({ step, sum }))
      if ((await context.report(step - 1, { loss: sum })) === 'prune') break
    }
    return { loss: sum }
  },
}
