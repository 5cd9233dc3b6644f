/** The store's directory where none is stated. */
export function defaultStore(): string {
  return process.env.ESPALIER_STORE || './espalier-runs'
}
