import { EspalierError } from '../../errors.js'
import type { ModelExporter } from '../export/types.js'

export const exportMlflowModel: ModelExporter = async () => {
  throw new EspalierError('USAGE', 'not there yet')
}
