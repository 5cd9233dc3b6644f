/** How artifacts are sent: none of them may do anything in the page, or in a tab of its own. */
import { shownType } from '../data/index.js'

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
