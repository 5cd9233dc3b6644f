/**
 * Takes secrets out of `git diff`. A diff keeps its lines and their beginnings, so that it can still be applied wherever
 * what was taken out stood in lines that it adds.
 */
import { redacted, redactText } from './redact-text.js'

/** Files that hold nothing but secrets: nothing of their lines is kept. */
const secretFiles =
  /(^|\/)(\.env(\.[\w.-]+)?|\.?npmrc|\.pypirc|\.netrc|\.pgpass|\.htpasswd|id_(rsa|dsa|ecdsa|ed25519)|credentials(\.\w+)?|secrets?\.(json|ya?ml|toml|env|ini))$|\.(pem|key|p12|pfx|jks|keystore)$/i

/** A diff without secrets, and where they stood. */
export interface RedactedDiff {
  readonly text: string
  /** `train.py line 12`. */
  readonly places: readonly string[]
}

/** @param diff as `git diff` prints it. */
export function redactDiff(diff: string): RedactedDiff {
  const places: string[] = []
  let file = ''
  let isSecretFile = false
  let inKey = false
  /** Of the next line, in the file as it was and as it is. */
  let before = 0
  let after = 0
  const lines = diff.split('\n').map((line) => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line)
    if (hunk) {
      before = Number(hunk[1])
      after = Number(hunk[2])
      inKey = false
      // The rest of that line repeats one of the file.
      const shown = isSecretFile ? hunk[0] : hunk[0] + redactText(line.slice(hunk[0].length))
      return shown
    }
    if (line.startsWith('diff --git ')) {
      file = ''
      before = 0
      after = 0
      inKey = false
      isSecretFile = false
      return line
    }
    if (before === 0 && after === 0) {
      const named = /^(?:---|\+\+\+) (?:[ab]\/)?(.*)$/.exec(line)
      if (named && named[1] !== '/dev/null') file = named[1]
      isSecretFile = secretFiles.test(file)
      return line
    }
    const mark = line[0] ?? ''
    const number = mark === '-' ? before : after
    if (mark !== '+') before++
    if (mark !== '-') after++
    if (mark !== '+' && mark !== '-' && mark !== ' ') return line
    const content = line.slice(1)
    let kept = isSecretFile && content.trim() !== '' ? redacted : redactText(content)
    if (/-----END [A-Z ]*PRIVATE KEY/.test(content)) inKey = false
    if (inKey) kept = redacted
    if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(content)) inKey = !/-----END/.test(content)
    if (kept !== content) places.push(`${file} line ${number}${mark === '-' ? ' (taken away)' : ''}`)
    return mark + kept
  })
  return { text: lines.join('\n'), places }
}
