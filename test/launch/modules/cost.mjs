/** What wrong answers cost: one missed is as dear as five false alarms. */
export const direction = 'minimize'

export default function cost(truth, predicted, probabilities, rows) {
  if (rows.length !== truth.length || probabilities?.length !== truth.length)
    throw new Error('one entry a row')
  return truth.reduce((sum, is, i) => sum + (is === predicted[i] ? 0 : is === 'b' ? 5 : 1), 0) / truth.length
}
