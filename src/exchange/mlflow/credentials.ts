/** `~/.mlflow/credentials`, in which MLflow's own client looks for who asks. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface FileCredentials {
  readonly user?: string
  readonly password?: string
}

/** What the file says; nothing where it is not there, or cannot be read, as MLflow has it. */
export async function fileCredentials(env: NodeJS.ProcessEnv): Promise<FileCredentials> {
  const home = env.HOME ?? env.USERPROFILE
  if (!home) return {}
  let text: string
  try {
    text = await readFile(join(home, '.mlflow', 'credentials'), 'utf8')
  } catch {
    return {}
  }
  const section = sectionOf(text, 'mlflow')
  return { user: section.get('mlflow_tracking_username'), password: section.get('mlflow_tracking_password') }
}

/** Of a file as Python's configparser reads it: `name = value` or `name: value`, "%" written as "%%". */
function sectionOf(text: string, wanted: string): Map<string, string> {
  const entries = new Map<string, string>()
  let section: string | null = null
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue
    const head = /^\s*\[([^\]]+)\]/.exec(line)
    if (head !== null) section = head[1] ?? null
    else if (section === wanted || section === 'DEFAULT') {
      const [, name, value] = /^\s*([^=:]+?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? []
      if (name === undefined || value === undefined) continue
      const key = name.toLowerCase()
      if (section === wanted || !entries.has(key)) entries.set(key, value.replaceAll('%%', '%'))
    }
  }
  return entries
}
