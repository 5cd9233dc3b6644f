/** `espalier import …`: sweep files of other tools become Espalier's; other tools' trials come into the store. */
import type { Command } from 'commander'

export function define(imports: Command): void {
  imports
    .description(
      "From other tools: a sweep file of W&B's, NNI's or Ray's becomes one of Espalier's; trials come into the store.",
    )
    .addHelpText('after', '\nExample:\n  $ espalier import wandb sweep.yaml --out sweep.json')
}
