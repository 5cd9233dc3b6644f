import { trainerLaws } from '../../laws/trainer.js'
import { exampleData } from '../support.js'
import { builtIn as named, restricted as restrictedTo, some } from './support.js'

const builtIn = (name: string) => () => named(name)
const restricted = (name: string, can: Record<string, string[]>) => () => restrictedTo(name, can)

/** Three classes and texts with missing values; two classes; three; numbers. */
const penguins = () => exampleData('penguins', 'species')
const cancer = () => some('breast-cancer', 'diagnosis')
const iris = () => exampleData('iris', 'species')
const diabetes = () => some('diabetes', 'progression')

trainerLaws('svm-classifier on iris', builtIn('svm-classifier'), iris, { probabilities: true })
trainerLaws('svm-classifier on penguins', builtIn('svm-classifier'), penguins, { kernel: 'linear' })
trainerLaws('svm-regressor on diabetes', builtIn('svm-regressor'), diabetes, {})
trainerLaws('boosted-trees-classifier on penguins', builtIn('boosted-trees-classifier'), penguins, {
  rounds: 5,
  minSamplesLeaf: 5,
})
trainerLaws('boosted-trees-classifier on breast cancer', builtIn('boosted-trees-classifier'), cancer, {
  rounds: 5,
  subsample: 0.5,
  columnSample: 0.5,
  earlyStoppingRounds: 2,
})
trainerLaws('boosted-trees-regressor on diabetes', builtIn('boosted-trees-regressor'), diabetes, {
  rounds: 5,
  minSamplesLeaf: 4,
})
trainerLaws('forest-classifier on penguins', builtIn('forest-classifier'), penguins, { trees: 4 })
trainerLaws('forest-regressor on diabetes', builtIn('forest-regressor'), diabetes, { trees: 4 })
trainerLaws('extra-trees-classifier on penguins', builtIn('extra-trees-classifier'), penguins, { trees: 4 })
trainerLaws('extra-trees-regressor on diabetes', builtIn('extra-trees-regressor'), diabetes, { trees: 4 })
trainerLaws('linear-regressor on diabetes', builtIn('linear-regressor'), diabetes, {})
trainerLaws('linear-regressor with l1 on diabetes', builtIn('linear-regressor'), diabetes, { l1: 0.01 })
trainerLaws('softmax-classifier on penguins', builtIn('softmax-classifier'), penguins, {})
trainerLaws('softmax-classifier with l1 on iris', builtIn('softmax-classifier'), iris, { l1: 0.01 })
trainerLaws('perceptron-classifier on iris', builtIn('perceptron-classifier'), iris, {
  epochs: 4,
  units: 6,
  earlyStopping: true,
  dropout: 0.2,
  optimizer: 'sgd',
})
trainerLaws('perceptron-regressor on diabetes', builtIn('perceptron-regressor'), diabetes, {
  epochs: 4,
  units: 6,
  schedule: 'step',
  stepEpochs: 2,
})
const native = restricted('knn-classifier', { engine: ['native'] })
trainerLaws('knn-classifier by cosine on iris', native, iris, { distance: 'cosine', classWeight: 'balanced' })
trainerLaws('knn-regressor on diabetes', builtIn('knn-regressor'), diabetes, { k: 3 })
trainerLaws('knn-regressor by distance on diabetes', builtIn('knn-regressor'), diabetes, {
  weights: 'distance',
  distance: 'manhattan',
})
