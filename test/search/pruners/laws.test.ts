/** Every pruner, with its defaults and with others, against the laws. */
import { prunerSettings } from '../../../src/search/index.js'
import { prunerLaws } from '../../laws/pruner.js'

prunerLaws(prunerSettings('none'), { kind: 'steps', fewest: 1 })
prunerLaws(prunerSettings('median'), { kind: 'steps', fewest: 5 })
prunerLaws(prunerSettings({ name: 'median', minSteps: 3, minTrials: 2 }), { kind: 'steps', fewest: 2 })
prunerLaws(prunerSettings('halving'), { kind: 'steps', fewest: 2 })
prunerLaws(prunerSettings({ name: 'halving', minSteps: 2, factor: 2 }), { kind: 'steps', fewest: 2 })
prunerLaws(prunerSettings({ name: 'halving', factor: 4 }), { kind: 'steps', fewest: 3 })
prunerLaws(prunerSettings('folds'), { kind: 'folds', fewest: 1 })
prunerLaws(prunerSettings({ name: 'folds', minFolds: 2 }), { kind: 'folds', fewest: 1 })
