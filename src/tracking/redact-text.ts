/**
 * Takes secrets out of free text, by their shapes: the keys of well-known services, values given to names that say
 * they are secret, passwords in addresses, random characters after a word that announces them. What a pattern may
 * repeat is bounded, so that no text takes long.
 */
export const redacted = '[redacted]'

/** Names that say that their value is a secret. */
export const secretName =
  /(token|secret|passw(or)?d|passphrase|credential|signature|api-?_?key|access-?_?key|private-?_?key|(^|[-_])(auth|pass|pwd|cookie|sig)([-_]|$)|authorization)/i

/** How services begin the keys they give out. What follows is long, so that words such as `sk-learn` are none. */
const serviceKeys =
  /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{10,255}|github_pat_\w{10,255}|glpat-[\w-]{10,255}|(?:sk|pk|rk)[-_](?=[\w-]{0,60}\d)[\w-]{16,255}|xox[a-z]-[\w-]{10,255}|(?:AKIA|ASIA)[0-9A-Z]{12,40}|AIza[\w-]{30,60}|npm_[A-Za-z0-9]{16,255}|pypi-[\w-]{16,500}|hf_[A-Za-z0-9]{10,255}|glsa_\w{16,255}|hvs\.[\w-]{16,255}|dop_v1_[0-9a-f]{16,255}|SG\.[\w-]{10,80}\.[\w-]{10,80}|ya29\.[\w-]{16,500}|AGE-SECRET-KEY-1[0-9A-Z]{20,100}|eyJ[\w-]{8,2000}\.[\w-]{8,4000}(?:\.[\w-]{0,2000})?)/g

/** `name = "value"`, `"name": 'value'`, `name=value`: a name, what stands between, a value. */
const assignment =
  /(?<![\w-])(["']?)([\w.-]{2,80})\1(\s{0,8}(?:=>|:=|[=:])\s{0,8})("(?:[^"\\\n]|\\.){1,2000}"|'(?:[^'\\\n]|\\.){1,2000}'|[^\s"'`;,&|<>()[\]{}]{1,2000})/g

/** A word that announces a secret, and a run of characters. */
const announced =
  /\b(?:token|bearer|basic|secret|passwd|password|passphrase|api[ _-]?key|access[ _-]?key|private[ _-]?key|credential)s?\b["':=\s]{1,8}(?:is\s{1,4})?([\w+/=.~-]{16,500})/gi

/** @returns the text without what looks like a secret. */
export function redactText(text: string): string {
  return redactUrl(text)
    .replace(serviceKeys, redacted)
    .replace(assignment, (whole, quote: string, name: string, between: string, value: string) =>
      secretName.test(name) && isLiteral(value, between)
        ? `${quote}${name}${quote}${between}${/^["']/.test(value) ? value[0] + redacted + value[0] : redacted}`
        : whole,
    )
    .replace(announced, (whole, value: string) =>
      isRandom(value) ? whole.slice(0, whole.length - value.length) + redacted : whole,
    )
}

/** Whether a value is one, and not the name of a variable, a type, a number or a place to fill in. */
function isLiteral(value: string, between: string): boolean {
  if (value.includes(redacted)) return false
  if (/^["']/.test(value)) {
    const inside = value.slice(1, -1)
    return inside.length >= 4 && !/^[\s]*$|^[<{$%].*[>}%]?$|^process\.env|^os\.environ/.test(inside)
  }
  if (/^[\d.+-]+$|^[$%{<]|^(true|false|null|none|undefined|string|number|boolean)$/i.test(value)) return false
  // Without spaces it is a line of an environment file or an argument; else it may be code.
  if (!/\s/.test(between)) return value.length >= 3 && !/^\w+\.\w+/.test(value)
  return value.length >= 6 && /\d/.test(value) && /[A-Za-z]/.test(value) && !/^\w+\.\w/.test(value)
}

/** Letters and digits mixed so that hardly any comes twice: bits a character as random ones have them. */
function isRandom(text: string): boolean {
  if (!/\d/.test(text) || !/[A-Za-z]/.test(text)) return false
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits > 3.2
}

/** Text without user names, passwords and secret query entries in the URLs it holds. */
export function redactUrl(text: string): string {
  return (
    text
      .replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#]{0,500}@/gi, '$1')
      // A password may hold a slash that nobody escaped; digits before one are a port.
      .replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#:]{0,200}:(?!\d+\/)[^\s]{0,500}@/gi, '$1')
      .replace(/([?&;#])([^=&;#\s]{1,100})=([^&;#\s]{1,4000})/g, (whole, mark, name) =>
        secretName.test(name) || /^key$/i.test(name) ? `${mark}${name}=${redacted}` : whole,
      )
  )
}
