/** What the training bench compares: a family of learners, ours and Python's, with the same settings in the words of either. */

/** A parameter of a sweep's space, as in a sweep file. */
type Parameters = Record<string, object>

export interface Family {
  readonly name: string
  readonly trainer: string
  readonly params: Readonly<Record<string, number | string | boolean>>
  /** Which sets it is measured on. */
  readonly sets: readonly string[]
  /** Each a Python function from a trial's params (of ours) to an estimator. */
  readonly peers: Readonly<Record<string, string>>
  /** The share of the first peer's processor time that is to be reached. */
  readonly target?: number
  /** A sweep of 50 trials × 5 folds, with the first peer by the same params. */
  readonly sweep?: { readonly parameters: Parameters; readonly peer: string }
}

const all = ['digits', 'wide', 'letters', 'long']

export const families: readonly Family[] = [
  {
    name: 'tree',
    trainer: 'cart-classifier',
    params: { maxDepth: 50, minNumSamples: 1, gainThreshold: 0 },
    sets: all,
    peers: { 'scikit-learn': 'lambda p: DecisionTreeClassifier(random_state=0)' },
    target: 0.3,
    sweep: {
      parameters: {
        maxDepth: { type: 'int', min: 2, max: 30 },
        minNumSamples: { type: 'int', min: 1, max: 40 },
        criterion: { type: 'categorical', values: ['gini', 'entropy'] },
      },
      peer: "lambda p: DecisionTreeClassifier(random_state=0, max_depth=p['maxDepth'], min_samples_split=p['minNumSamples'] + 1, criterion=p['criterion'])",
    },
  },
  {
    name: 'tree of numbers',
    trainer: 'cart-regressor',
    params: { maxDepth: 50, minNumSamples: 1 },
    sets: ['friedman'],
    peers: { 'scikit-learn': 'lambda p: DecisionTreeRegressor(random_state=0)' },
    target: 0.3,
  },
  {
    name: 'forest, 100 trees',
    trainer: 'forest-classifier',
    params: { trees: 100 },
    sets: all,
    peers: { 'scikit-learn': 'lambda p: RandomForestClassifier(100, random_state=0)' },
    target: 0.3,
    sweep: {
      parameters: {
        trees: { type: 'int', min: 10, max: 60 },
        maxDepth: { type: 'int', min: 4, max: 30 },
      },
      peer: "lambda p: RandomForestClassifier(p['trees'], max_depth=p['maxDepth'], random_state=0)",
    },
  },
  {
    name: 'forest of numbers',
    trainer: 'forest-regressor',
    params: { trees: 50 },
    sets: ['friedman'],
    peers: { 'scikit-learn': 'lambda p: RandomForestRegressor(50, random_state=0)' },
    target: 0.3,
  },
  {
    name: 'extra trees, 100',
    trainer: 'extra-trees-classifier',
    params: { trees: 100 },
    sets: all,
    peers: { 'scikit-learn': 'lambda p: ExtraTreesClassifier(100, random_state=0)' },
    target: 0.3,
  },
  {
    name: 'boosting, 100 rounds',
    trainer: 'boosted-trees-classifier',
    params: { rounds: 100, learningRate: 0.1 },
    sets: all,
    peers: {
      'scikit-learn':
        'lambda p: HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=0)',
      LightGBM: 'lambda p: lightgbm.LGBMClassifier(n_estimators=100, num_threads=1, verbose=-1)',
    },
    target: 0.5,
    sweep: {
      parameters: {
        rounds: { type: 'int', min: 10, max: 60 },
        learningRate: { type: 'float', min: 0.03, max: 0.3, scale: 'log' },
        maxLeaves: { type: 'int', min: 7, max: 63 },
      },
      peer: "lambda p: HistGradientBoostingClassifier(max_iter=p['rounds'], learning_rate=p['learningRate'], max_leaf_nodes=p['maxLeaves'], early_stopping=False, random_state=0)",
    },
  },
  {
    name: 'boosting of numbers',
    trainer: 'boosted-trees-regressor',
    params: { rounds: 100, learningRate: 0.1 },
    sets: ['friedman'],
    peers: {
      'scikit-learn':
        'lambda p: HistGradientBoostingRegressor(max_iter=100, early_stopping=False, random_state=0)',
      LightGBM: 'lambda p: lightgbm.LGBMRegressor(n_estimators=100, num_threads=1, verbose=-1)',
    },
    target: 0.5,
  },
  {
    name: 'neighbours, k = 5',
    trainer: 'knn-classifier',
    params: { k: 5, scaling: 'none' },
    sets: ['digits', 'wide', 'letters'],
    peers: { 'scikit-learn': 'lambda p: KNeighborsClassifier(5)' },
    target: 0.75,
    sweep: {
      parameters: {
        k: { type: 'int', min: 1, max: 40 },
        weights: { type: 'categorical', values: ['uniform', 'distance'] },
        scaling: { type: 'constant', value: 'none' },
      },
      peer: "lambda p: KNeighborsClassifier(p['k'], weights=p['weights'])",
    },
  },
  {
    name: 'SVM, RBF',
    trainer: 'svm-classifier',
    params: { cost: 1 },
    sets: ['digits', 'wide', 'letters'],
    peers: { 'scikit-learn': 'lambda p: make_pipeline(StandardScaler(), SVC())' },
    target: 0.7,
    sweep: {
      parameters: {
        cost: { type: 'float', min: 0.1, max: 100, scale: 'log' },
        gamma: { type: 'float', min: 0.001, max: 0.1, scale: 'log' },
      },
      peer: "lambda p: make_pipeline(StandardScaler(), SVC(C=p['cost'], gamma=p['gamma']))",
    },
  },
  {
    name: 'perceptron, 64 units',
    trainer: 'perceptron-classifier',
    params: { units: 64, epochs: 20, learningRate: 0.001, batchSize: 32 },
    sets: ['digits', 'wide', 'letters'],
    peers: {
      'scikit-learn':
        'lambda p: make_pipeline(StandardScaler(), MLPClassifier((64,), batch_size=32, max_iter=20, n_iter_no_change=100, random_state=0))',
    },
    target: 0.7,
    sweep: {
      parameters: {
        epochs: { type: 'constant', value: 10 },
        units: { type: 'int', min: 16, max: 96 },
        learningRate: { type: 'float', min: 0.0003, max: 0.01, scale: 'log' },
      },
      peer: "lambda p: make_pipeline(StandardScaler(), MLPClassifier((p['units'],), batch_size=32, max_iter=10, n_iter_no_change=100, learning_rate_init=p['learningRate'], random_state=0))",
    },
  },
  {
    name: 'softmax',
    trainer: 'softmax-classifier',
    params: { l2: 0.001 },
    sets: all,
    peers: {
      // C is 1 / (rows · l2).
      'scikit-learn':
        'lambda p: make_pipeline(StandardScaler(), LogisticRegression(C=1 / (0.001 * np.sum(~held)), max_iter=2000))',
    },
    target: 1.15,
    sweep: {
      parameters: { l2: { type: 'float', min: 0.0001, max: 0.1, scale: 'log' } },
      peer: "lambda p: make_pipeline(StandardScaler(), LogisticRegression(C=1 / (p['l2'] * 0.8 * len(y)), max_iter=2000))",
    },
  },
  {
    name: 'ridge',
    trainer: 'linear-regressor',
    params: { l2: 0.001 },
    sets: ['friedman'],
    peers: { 'scikit-learn': 'lambda p: make_pipeline(StandardScaler(), Ridge(0.001 * np.sum(~held)))' },
    target: 2,
  },
]
