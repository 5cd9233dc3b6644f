/** The contract between the parts that write ONNX: a graph that is built node by node, and what a learner adds to it. */

/** Names a tensor of the graph: an input, a constant, or an output of a node. */
export type Tensor = string

export type Attribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | TensorAttribute
  | FloatAttribute
  | SubgraphAttribute

/** A number that is to be a float though it is whole. */
export interface FloatAttribute {
  readonly float: number | readonly number[]
}

export interface TensorAttribute {
  readonly tensor: {
    readonly type: ElementType
    readonly dims: readonly number[]
    readonly values: ArrayLike<number | bigint | string>
  }
}

/** The body of a Loop or Scan. */
export interface SubgraphAttribute {
  readonly graph: GraphBuilder
}

export type ElementType = 'float' | 'double' | 'int64' | 'int32' | 'uint8' | 'bool' | 'string'

/** A graph of operators (ai.onnx, ai.onnx.ml). */
export interface GraphBuilder {
  /** The version of ai.onnx that may be used. */
  readonly opset: number
  /** A constant; equal ones are kept once. */
  constant(type: ElementType, values: ArrayLike<number | bigint | string>, dims?: readonly number[]): Tensor
  /** A scalar constant. */
  scalar(type: ElementType, value: number | string): Tensor
  /** A node; its first output. `outputs`: how many it has. An input may be '' where it is left out. */
  node(
    op: string,
    inputs: readonly Tensor[],
    attributes?: Readonly<Record<string, Attribute>>,
    domain?: 'ai.onnx.ml' | 'com.microsoft',
  ): Tensor
  nodes(
    op: string,
    inputs: readonly Tensor[],
    outputs: number,
    attributes?: Readonly<Record<string, Attribute>>,
    domain?: 'ai.onnx.ml' | 'com.microsoft',
  ): Tensor[]
  /** A graph inside a node, whose inputs and outputs are its own; what is outside may be used by name. */
  body(inputs: readonly GraphPort[]): GraphBuilder
  /** Its inputs, in order: named as their ports, with a number where that name is taken. */
  readonly inputs: readonly Tensor[]
  input(port: GraphPort): Tensor
  /** What the tensor is called as an output. */
  output(tensor: Tensor, port: GraphPort): Tensor
  /** Something of the model that is lost or computed otherwise than in Espalier, to be told. */
  warn(message: string): void
}

/** `dims`: a text is a size that is known later. */
export interface GraphPort {
  readonly name: string
  readonly type: ElementType
  readonly dims: readonly (number | string)[]
}

/** What comes of a learner, for rows of its matrix. */
export type LearnerOutputs =
  /** `codes`: int64 [rows], the learner's class. `probabilities`: double [rows, classes]; null where it has none. */
  | { readonly kind: 'classes'; readonly codes: Tensor; readonly probabilities: Tensor | null }
  /** double [rows]. */
  | { readonly kind: 'numbers'; readonly values: Tensor }

export interface LearnerShape {
  readonly columns: number
  /** Of the learner (those that were seen in training); 0 for numbers. */
  readonly classes: number
  /** By column of the matrix: how many categories it has, 0 for numbers; places of categories are whole, unknown and missing ones NaN. */
  readonly categories: readonly number[]
}

/** Adds a learner to the graph. `x`: double [rows, columns], NaN where a value is missing. */
export type LearnerNodes<S> = (
  graph: GraphBuilder,
  x: Tensor,
  learned: S,
  shape: LearnerShape,
) => LearnerOutputs
