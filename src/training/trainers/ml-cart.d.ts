/** The parts of ml-cart 2.1.1 that are used. The package has no types of its own. */
declare module 'ml-cart' {
  export interface TreeOptions {
    minNumSamples: number
    maxDepth: number
    gainThreshold: number
  }
  export class DecisionTreeClassifier {
    constructor(options: TreeOptions)
    root: import('./cart-tree.js').GrownNode
    train(rows: number[][], labels: number[]): void
  }
  export class DecisionTreeRegression {
    constructor(options: TreeOptions)
    root: import('./cart-tree.js').GrownNode
    train(rows: number[][], values: number[]): void
  }
}
