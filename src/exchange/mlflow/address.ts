/** The address of an MLflow server: what is asked, and what it is called in messages and records, without what is secret. */
import { createHash } from 'node:crypto'
import { EspalierError } from '../../errors.js'

export interface ServerAddress {
  /** What requests begin with, without user and password, query and a last slash. */
  readonly base: string
  /** What its user calls it: the same. */
  readonly name: string
  /** `Basic …` of a user and password in the URL; null without. */
  readonly authorization: string | null
  /** 16 hexadecimal digits that this server has, and no other. */
  readonly id: string
}

const law = 'an MLflow server is named by its URL, as in http://mlflow.example:5000'

/**
 * The server that is meant: by a URL, else by MLFLOW_TRACKING_URI.
 * @throws EspalierError USAGE where there is neither, or what is there is no tracking server.
 */
export function serverAddress(
  given: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): ServerAddress {
  const text = (given ?? env.MLFLOW_TRACKING_URI ?? '').trim()
  const from = given === undefined ? 'MLFLOW_TRACKING_URI' : 'what was given'
  if (text === '')
    throw new EspalierError('USAGE', `${law} (none is named); name one, or set MLFLOW_TRACKING_URI`)
  if (/^databricks/.test(text))
    throw new EspalierError(
      'USAGE',
      `${law} (${from} says databricks, whose servers are signed in to by profiles that Espalier does not read); name the URL of an MLflow server of your own`,
    )
  if (/^[\w.-]+:\d+(\/|$)/.test(text))
    throw new EspalierError('USAGE', `${law} (${from} has no http:// or https:// before it); write it so`)
  if (/^(file:|sqlite:|postgresql|mysql|mssql|\.{0,2}\/)/.test(text) || !text.includes('://'))
    throw new EspalierError(
      'USAGE',
      `${law} (${from} is a folder or a database, which only MLflow itself writes); serve it: mlflow server --backend-store-uri …, and name that: http://127.0.0.1:5000`,
    )
  let url: URL
  try {
    url = new URL(text)
  } catch {
    // The text is not repeated: what cannot be read cannot be cleared of its password.
    throw new EspalierError('USAGE', `${law} (${from} is no URL); write it so`)
  }
  if (!/^https?:$/.test(url.protocol))
    throw new EspalierError('USAGE', `${law} (${from} begins with ${url.protocol}//); write it so`)
  const base = `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`
  const own = url.username === '' ? null : basic(decoded(url.username, from), decoded(url.password, from))
  const authorization = own ?? (given === undefined ? null : authorizationThere(base, env))
  const id = createHash('sha256').update(base).digest('hex').slice(0, 16)
  return { base, name: base, authorization, id }
}

/** That of the same server's URL in the environment: the record keeps URLs without it. */
function authorizationThere(base: string, env: NodeJS.ProcessEnv): string | null {
  try {
    const there = serverAddress(undefined, env)
    return there.base === base ? there.authorization : null
  } catch {
    return null
  }
}

function decoded(text: string, from: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new EspalierError(
      'USAGE',
      `${law} (the user or password of ${from} has "%" before no code); write "%" as %25`,
    )
  }
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}
