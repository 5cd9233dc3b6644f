/**
 * A report as one HTML file: the page, and its data beside it. It opens from a disk or a mail, asks nothing of any network, and runs
 * no script but the page's own, which a policy names by its digest. The data is base64, in which nothing can become markup.
 */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { visible } from '../../shown.js'
import { encodeParcel, reportElement } from '../data/index.js'
import { readPageFile } from '../page-files.js'
import type { Gathered } from './data.js'

/** The text of the file. */
export async function reportHtml({ data, tables }: Gathered): Promise<string> {
  const script = inScript((await readPageFile('page.js')).toString())
  const style = inStyle((await readPageFile('page.css')).toString())
  const parcel = encodeParcel(
    data,
    tables.map((table) => table.encode()),
  )
  const packed = await promisify(gzip)(parcel, { level: 9 })
  const icon = iconOf((await readPageFile('index.html')).toString())
  const policy = [
    "default-src 'none'",
    `script-src ${digestOf(script)}`,
    `style-src ${digestOf(style)}`,
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const title = data.sweeps.map(({ head }) => visible(head.run.name)).join(', ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
${icon}
<title>${escaped(title)} · Espalier</title>
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<noscript>This page is drawn by a script; allow it to run.</noscript>
<script type="application/octet-stream" id="${reportElement}">${packed.toString('base64')}</script>
<script type="module">${script}</script>
</body>
</html>
`
}

/** As the live page has it: without one a browser would ask for it where a report lies on a server. */
function iconOf(page: string): string {
  return /<link rel="icon"[^>]*>/.exec(page)![0]
}

/** What would end a script too early stands only in texts and patterns of it, where it can be written so that it does not. */
function inScript(script: string): string {
  return script.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\x21--')
}

function inStyle(style: string): string {
  return style.replace(/<\/(style)/gi, '<\\/$1')
}

/** As a content security policy names what stands in the document. */
function digestOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
}
