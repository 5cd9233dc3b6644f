/** Takes secrets out of what is recorded of a command line or a repository's address. */

const secretName =
  /(token|secret|passw(or)?d|passphrase|credential|api-?_?key|access-?_?key|private-?_?key|(^|[-_])auth([-_]|$)|authorization)/i
/** Shapes in which well-known services give out their keys; a JSON Web Token; a long run of random characters. */
const secretShape =
  /^(gh[pousr]_|github_pat_|glpat-|sk-|xox[abprs]-|AKIA|ASIA|AIza|npm_|pypi-|hf_|eyJ[\w-]+\.)[\w.+/=-]{8,}/
const redacted = '[redacted]'

/** An argument list without the values that look like secrets: `--token X`, `--api-key=X`, `NAME_TOKEN=X`, URLs. */
export function redactArguments(args: readonly string[]): string[] {
  let secretFollows = false
  return args.map((arg) => {
    const follows = secretFollows
    secretFollows = false
    const option = /^(-{0,2}[\w.-]+)=(.*)$/s.exec(arg)
    if (option && secretName.test(option[1])) return `${option[1]}=${redacted}`
    if (/^--?[A-Za-z]/.test(arg) && option === null) {
      secretFollows = secretName.test(arg)
      return redactUrl(arg)
    }
    if (follows || secretShape.test(arg)) return redacted
    if (option && secretShape.test(option[2])) return `${option[1]}=${redacted}`
    return redactUrl(arg)
  })
}

/** Text without user names, passwords and secret query entries in the URLs it holds. */
export function redactUrl(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1')
    .replace(/([?&;#])([^=&;#\s]+)=([^&;#\s]+)/g, (whole, mark, name) =>
      secretName.test(name) || /^(sig|signature|key)$/i.test(name) ? `${mark}${name}=${redacted}` : whole,
    )
}
