/** Takes secrets out of what is recorded of a command line. */
import { redacted, redactText, secretName } from './redact-text.js'

/** Shapes in which well-known services give out their keys; a JSON Web Token; a long run of random characters. */
const secretShape =
  /^(gh[pousr]_|github_pat_|glpat-|sk-|xox[abprs]-|AKIA|ASIA|AIza|npm_|pypi-|hf_|eyJ[\w-]+\.)[\w.+/=-]{8,}/

/** An argument list without the values that look like secrets: `--token X`, `--api-key=X`, `NAME_TOKEN=X`, URLs. */
export function redactArguments(args: readonly string[]): string[] {
  let secretFollows = false
  return args.map((arg) => {
    const follows = secretFollows
    secretFollows = false
    const option = /^(-{0,2}[\w.-]+)=(.*)$/s.exec(arg)
    if (option && secretName.test(option[1])) return `${option[1]}=${redacted}`
    const header = /^([\w-]+):\s*\S/.exec(arg)
    if (header && secretName.test(header[1])) return `${header[1]}: ${redacted}`
    if (/^--?[A-Za-z]/.test(arg) && option === null) {
      secretFollows = secretName.test(arg)
      return redactText(arg)
    }
    if (follows || secretShape.test(arg)) return redacted
    if (option && secretShape.test(option[2])) return `${option[1]}=${redacted}`
    return redactText(arg)
  })
}

/** What of a command line looks like a secret: the options before the values, or the values' beginnings. */
export function secretsIn(args: readonly string[]): string[] {
  return redactArguments(args).flatMap((shown, i) => {
    // A number or a placeholder is none: `--max-tokens 100`, `--token-limit={limit}`.
    const value = args[i].slice(args[i].indexOf('=') + 1)
    if (shown === args[i] || /^(\d+|\{.*\})$/.test(value)) return []
    return [shown === redacted && i > 0 && args[i - 1].startsWith('-') ? args[i - 1] : shown]
  })
}
