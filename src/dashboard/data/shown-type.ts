/**
 * As what the files of trials may be shown: anybody may have written them. What a browser would run or draw as markup (HTML, SVG, XML)
 * is plain text, and what is not known is only to be saved.
 */
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
  const extension = name.slice(name.lastIndexOf('.')).toLowerCase()
  return types[extension] ?? (asText.includes(extension) ? 'text/plain; charset=utf-8' : null)
}
