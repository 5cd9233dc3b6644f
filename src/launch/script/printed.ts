/** What a script tells of how well it went, found in its source: metrics that it prints, or reports to Espalier. */

/** A metric that a script seems to print. */
interface Printed {
  readonly name: string
  /** As it stands before its number. */
  readonly label: string
  readonly ofValidation: boolean
}

export interface Telling {
  /** `reports`: it speaks to Espalier itself. `json`: it ends with a line of JSON. `prints`: numbers stand in its lines. */
  readonly kind: 'reports' | 'json' | 'prints'
  /** Patterns by name, for `prints`. */
  readonly patterns: Readonly<Record<string, string>>
  /** The metric to go by; null where none was found. */
  readonly best: string | null
}

const metricWords =
  /(^|_)(loss|nll|perplexity|ppl|acc|accuracy|error|err|auc|auroc|rocauc|f1|score|mse|rmse|mae|mape|r2|precision|recall|reward|return|bleu|rouge|map|iou|dice|psnr|ssim|fid|logloss|kappa|ndcg|wer|cer|elbo)(_|$)/
const higherIsBetter =
  /(^|_)(acc|accuracy|auc|auroc|rocauc|f1|score|r2|precision|recall|reward|return|bleu|rouge|map|iou|dice|psnr|ssim|kappa|ndcg|elbo)(_|$)/
const validationWords = /\b(val|valid|validation|dev|test|eval|heldout|holdout)(\b|_)/i
/** More of them are no summary, but a program that prints much. */
const mostMetrics = 8

export function directionOf(name: string): 'maximize' | 'minimize' {
  return higherIsBetter.test(spelled(name)) ? 'maximize' : 'minimize'
}

/**
 * How a metric of this name is most likely printed; a word behind it (`loss exploded`) is no number.
 * @param others end like it, and are other metrics.
 */
export function patternFor(label: string, others: readonly string[] = []): string {
  const longer = others
    .filter((other) => other.endsWith(` ${label}`))
    .map((other) => `(?<!${escaped(other.slice(0, -label.length))})`)
  return `(?<![\\w./-])${longer.join('')}${escaped(label)}["']?\\s*[:=]?\\s*([-+]?\\.?\\d[-+.0-9eE]*)`
}

export function tellingOf(source: string): Telling {
  if (/^\s*(import|from)\b[^\n"]*\bespalier\b|ESPALIER_REPORTS|["'`]espalier:/m.test(source)) {
    const name = /\bfinal\(\s*(?:\{\s*["'])?([A-Za-z]\w*)["']?\s*[=:]/.exec(source)?.[1]
    const named = name ?? /["']?final["']?\s*[=:]\s*\{\s*["'](\w+)["']/.exec(source)?.[1] ?? null
    return { kind: 'reports', patterns: {}, best: named }
  }
  const found = new Map<string, Printed>()
  const lines = source
    .split('\n')
    .filter((line) => line.length <= 2000 && /print|log|echo|write|format|info/i.test(line))
  for (const line of lines)
    for (const metric of metricsIn(line)) if (!found.has(metric.name)) found.set(metric.name, metric)
  const metrics = [...found.values()].slice(0, mostMetrics)
  if (metrics.length === 0) {
    const name = lines.map(keyOfJson).find((key) => key !== null)
    if (name !== undefined) return { kind: 'json', patterns: {}, best: name }
  }
  const labels = metrics.map(({ label }) => label)
  return {
    kind: 'prints',
    patterns: Object.fromEntries(metrics.map(({ name, label }) => [name, patternFor(label, labels)])),
    best: bestOf(metrics),
  }
}

/** `val_loss={loss:.4f}`, `Accuracy: %.2f`, `loss ${loss}`, and a label in quotes before what it is of: `"loss", loss`. */
function metricsIn(written: string): Printed[] {
  const line = written.replace(/\\[ntr]/g, ' ')
  const inText = line.matchAll(
    /([A-Za-z][\w/.-]*(?: [A-Za-z][\w/.-]*)?)["']?\s*[:=]?\s*(?:\$?\{[^{}"']*\}|%[-+ #.\d]*[defgs]|\$\w+)/g,
  )
  const beside = line.matchAll(
    /["'`](?:[^"'`]*[^\w"'`])?([A-Za-z][\w/.-]*(?: [A-Za-z]\w*)?)\s*[:=]?\s*["'`]\s*,\s*[A-Za-z(]/g,
  )
  return [...inText, ...beside].flatMap(({ 1: label, index }): Printed[] => {
    const name = spelled(label)
    const ofValidation = validationWords.test(line.slice(0, index + label.length))
    return metricWords.test(name) ? [{ name, label, ofValidation }] : []
  })
}

/** `print(json.dumps({"loss": loss}))`, `console.log(JSON.stringify({ loss }))` */
function keyOfJson(line: string): string | null {
  const inside = /(?:json\.dumps|JSON\.stringify)\(\s*\{(.*)\}/.exec(line)?.[1]
  if (inside === undefined || !/print|console\.log|write/.test(line)) return null
  const keys = [...inside.matchAll(/["']?([A-Za-z]\w*)["']?\s*(?=[:,}]|$)/g)].map(([, key]) => key)
  return keys.find((key) => metricWords.test(spelled(key))) ?? null
}

/** The first of validation, else the last: what sums up comes at the end. */
function bestOf(metrics: readonly Printed[]): string | null {
  return (metrics.find(({ ofValidation }) => ofValidation) ?? metrics.at(-1))?.name ?? null
}

/** `Average loss` → `average_loss`, `val/acc` → `val_acc`. */
function spelled(label: string): string {
  return label
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
