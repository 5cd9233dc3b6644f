/**
 * Artifacts as they may be shown: anybody may have written them. What a browser would run or draw as markup (HTML, SVG, XML) goes out
 * as plain text, what it does not know as bytes to save, and none of it may do anything.
 */
import { extname } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.json': 'application/json; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
}
const asText = [
  ...[
    '.txt',
    '.log',
    '.md',
    '.jsonl',
    '.tsv',
    '.yaml',
    '.yml',
    '.toml',
    '.ini',
    '.diff',
    '.patch',
    '.py',
    '.js',
    '.ts',
  ],
  ...['.html', '.htm', '.svg', '.xml', '.xhtml'],
]

/** The type that a file of this name is shown as; null: it is only saved. */
export function shownType(name: string): string | null {
  const extension = extname(name).toLowerCase()
  return types[extension] ?? (asText.includes(extension) ? 'text/plain; charset=utf-8' : null)
}

/** Whether a file of this name is a picture that can be shown. */
export function isPicture(name: string): boolean {
  return shownType(name)?.startsWith('image/') === true
}

export function artifactHeaders(name: string, download: boolean): Record<string, string> {
  const type = shownType(name)
  const saved = download || type === null ? 'attachment' : 'inline'
  return {
    'content-type': type ?? 'application/octet-stream',
    'content-disposition': `${saved}; filename*=UTF-8''${fileName(name)}`,
    'content-security-policy': "default-src 'none'; img-src 'self' data:; style-src 'none'; sandbox",
  }
}

/** The last part of the name, as RFC 8187 writes it. */
function fileName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) || 'artifact'
  return encodeURIComponent(last.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16)}`,
  )
}
