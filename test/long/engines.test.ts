/** The laws of trainers, for the engines of theirs that are packages. */
import { trainerLaws } from '../laws/trainer.js'
import { exampleData } from '../training/support.js'
import { builtIn as named, restricted as restrictedTo, some } from '../training/trainers/support.js'

const builtIn = (name: string) => () => named(name)
const restricted = (name: string, can: Record<string, string[]>) => () => restrictedTo(name, can)

const iris = () => exampleData('iris', 'species')
const diabetes = () => some('diabetes', 'progression')

trainerLaws('svm-classifier of libsvm on iris', builtIn('svm-classifier'), iris, {
  engine: 'libsvm',
  probabilities: true,
})
trainerLaws('svm-regressor of libsvm on diabetes', builtIn('svm-regressor'), diabetes, { engine: 'libsvm' })
trainerLaws('boosted-trees-classifier of ml-xgboost on iris', builtIn('boosted-trees-classifier'), iris, {
  engine: 'ml-xgboost',
  rounds: 5,
  imputation: 'mean',
  encoding: 'one-hot',
})
trainerLaws(
  'boosted-trees-regressor of ml-xgboost on diabetes',
  builtIn('boosted-trees-regressor'),
  diabetes,
  {
    engine: 'ml-xgboost',
    rounds: 5,
    imputation: 'mean',
    encoding: 'one-hot',
  },
)
const mlRandomForest = { engine: 'ml-random-forest', imputation: 'mean', encoding: 'one-hot' }
trainerLaws('forest-classifier by ml-random-forest on iris', builtIn('forest-classifier'), iris, {
  ...mlRandomForest,
  trees: 3,
})
trainerLaws('forest-regressor by ml-random-forest on diabetes', builtIn('forest-regressor'), diabetes, {
  ...mlRandomForest,
  trees: 2,
})
const onMlKnn = restricted('knn-classifier', {
  engine: ['ml-knn'],
  distance: ['euclidean', 'manhattan', 'chebyshev'],
  classWeight: ['none'],
})
trainerLaws('knn-classifier on ml-knn', onMlKnn, iris, { engine: 'ml-knn', weights: 'distance' })
