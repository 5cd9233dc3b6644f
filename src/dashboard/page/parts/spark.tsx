/** Best value so far over the trials of a sweep, as a line without axes. */
import { number } from '../../../format.js'
import { plain } from '../../../shown.js'
import type { SweepEntry } from '../../data/index.js'

const [width, height, edge] = [96, 24, 3]

export function Spark({ entry: { spark, objective } }: { readonly entry: SweepEntry }) {
  if (spark.length === 0) return null
  const low = Math.min(...spark)
  const span = Math.max(...spark) - low
  const x = (i: number) => edge + (i / Math.max(1, spark.length - 1)) * (width - 2 * edge)
  const y = (value: number) => height - edge - (span === 0 ? 0.5 : (value - low) / span) * (height - 2 * edge)
  const points = spark.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`)
  const last = spark.length - 1
  const words = `Best ${plain(objective.metric)} so far: from ${number(spark[0])} to ${number(spark[last])}`
  return (
    <svg
      class="spark"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={words}
    >
      <polyline points={points.join(' ')} />
      <circle cx={x(last)} cy={y(spark[last])} r="2.5" />
    </svg>
  )
}
