/** A program as messages name it: what it runs with is part of what it is. */
import { secretsIn } from '../tracking/index.js'
import type { CommandReference } from '../training/index.js'

/** `MODEL="large", SEED="1"`; the value of what seems to be a secret is not shown. Empty where nothing is set. */
export function environmentInWords({ environment = {} }: Pick<CommandReference, 'environment'>): string {
  return Object.entries(environment)
    .map(([name, value]) =>
      // As an option, whose name tells what its value is.
      secretsIn([`--${name}=${value}`]).length > 0 ? `${name}=…` : `${name}=${JSON.stringify(value)}`,
    )
    .join(', ')
}
