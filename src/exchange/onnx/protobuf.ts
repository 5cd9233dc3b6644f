/**
 * ONNX files: what of onnx.proto3 is used here, and graphs as its messages. Field numbers are those of the ONNX specification (onnx/onnx.proto3).
 * The same graph is always the same bytes.
 */
import type { INamespace, Type } from 'protobufjs'
import type { Attribute, ElementType, GraphPort } from './types.js'

/** The numbers that ONNX gives to types of elements. */
export const elementCodes: Readonly<Record<ElementType, number>> = {
  float: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  double: 11,
}

type Values = ArrayLike<number | bigint | string>

export interface TensorMessage {
  readonly dims: readonly number[]
  readonly dataType: number
  readonly name?: string
  readonly rawData?: Uint8Array
  readonly stringData?: readonly Uint8Array[]
}

export interface NodeMessage {
  readonly input: readonly string[]
  readonly output: readonly string[]
  readonly name: string
  readonly opType: string
  readonly domain?: string
  readonly attribute: readonly object[]
}

export interface GraphMessage {
  readonly name: string
  readonly node: readonly NodeMessage[]
  readonly initializer: readonly TensorMessage[]
  readonly input: readonly object[]
  readonly output: readonly object[]
}

export interface ModelMessage {
  readonly irVersion: number
  readonly producerName: string
  readonly docString: string
  readonly graph: GraphMessage
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[]
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[]
}

const sizes = { float: 4, double: 8, int64: 8, int32: 4, uint8: 1, bool: 1 }

/** Numbers are kept as their bytes, the lowest first. */
export function tensorMessage(type: ElementType, values: Values, dims: readonly number[]): TensorMessage {
  const dataType = elementCodes[type]
  if (type === 'string')
    return { dims, dataType, stringData: Array.from(values, (text) => Buffer.from(text as string, 'utf8')) }
  const size = sizes[type]
  const view = new DataView(new ArrayBuffer(values.length * size))
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (type === 'double') view.setFloat64(i * size, value as number, true)
    else if (type === 'float') view.setFloat32(i * size, value as number, true)
    else if (type === 'int64') view.setBigInt64(i * size, BigInt(value), true)
    else if (type === 'int32') view.setInt32(i * size, Number(value), true)
    else view.setUint8(i, Number(value))
  }
  return { dims, dataType, rawData: new Uint8Array(view.buffer) }
}

/** `graphOf`: the message of a graph inside a node. */
export function attributeMessage(
  name: string,
  value: Attribute,
  graphOf: (graph: object) => GraphMessage,
): object {
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value, 'utf8') }
  if (typeof value === 'number')
    return Number.isInteger(value) ? { name, type: 2, i: value } : { name, type: 1, f: value }
  if (isList(value)) {
    if (value.length > 0 && typeof value[0] === 'string')
      return { name, type: 8, strings: (value as string[]).map((text) => Buffer.from(text, 'utf8')) }
    const isWhole = (value as number[]).every(Number.isInteger)
    return isWhole ? { name, type: 7, ints: value } : { name, type: 6, floats: value }
  }
  if ('float' in value)
    return typeof value.float === 'number'
      ? { name, type: 1, f: value.float }
      : { name, type: 6, floats: value.float }
  if ('tensor' in value) {
    const { type, dims, values } = value.tensor
    return { name, type: 4, t: tensorMessage(type, values, dims) }
  }
  return { name, type: 5, g: graphOf(value.graph) }
}

function isList(value: object): value is readonly number[] | readonly string[] {
  return Array.isArray(value)
}

export function portMessage({ name, type, dims }: GraphPort): object {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: elementCodes[type], shape: { dim } } } }
}

/** A message: its fields by name, each a number and a type; a list where the type ends in []. */
function message(fields: Readonly<Record<string, readonly [number, string]>>) {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [id, type]]) => [
        name,
        type.endsWith('[]') ? { id, type: type.slice(0, -2), rule: 'repeated' } : { id, type },
      ]),
    ),
  }
}

const messages: INamespace = {
  nested: {
    Model: message({
      irVersion: [1, 'int64'],
      producerName: [2, 'string'],
      docString: [6, 'string'],
      graph: [7, 'Graph'],
      opsetImport: [8, 'OperatorSet[]'],
      metadataProps: [14, 'Entry[]'],
    }),
    OperatorSet: message({ domain: [1, 'string'], version: [2, 'int64'] }),
    Entry: message({ key: [1, 'string'], value: [2, 'string'] }),
    Graph: message({
      node: [1, 'Node[]'],
      name: [2, 'string'],
      initializer: [5, 'Tensor[]'],
      input: [11, 'ValueInfo[]'],
      output: [12, 'ValueInfo[]'],
    }),
    Node: message({
      input: [1, 'string[]'],
      output: [2, 'string[]'],
      name: [3, 'string'],
      opType: [4, 'string'],
      attribute: [5, 'Attribute[]'],
      domain: [7, 'string'],
    }),
    Attribute: message({
      name: [1, 'string'],
      f: [2, 'float'],
      i: [3, 'int64'],
      s: [4, 'bytes'],
      t: [5, 'Tensor'],
      g: [6, 'Graph'],
      floats: [7, 'float[]'],
      ints: [8, 'int64[]'],
      strings: [9, 'bytes[]'],
      type: [20, 'int32'],
    }),
    Tensor: message({
      dims: [1, 'int64[]'],
      dataType: [2, 'int32'],
      stringData: [6, 'bytes[]'],
      name: [8, 'string'],
      rawData: [9, 'bytes'],
    }),
    ValueInfo: message({ name: [1, 'string'], type: [2, 'TypeOf'] }),
    TypeOf: message({ tensorType: [1, 'TensorType'] }),
    TensorType: message({ elemType: [1, 'int32'], shape: [2, 'Shape'] }),
    Shape: message({ dim: [1, 'Dimension[]'] }),
    Dimension: message({ dimValue: [1, 'int64'], dimParam: [2, 'string'] }),
  },
}

let modelType: Type | null = null

/** A model as the bytes of a file. */
export async function encodeModel(model: ModelMessage): Promise<Uint8Array> {
  const { default: protobuf } = await import('protobufjs')
  modelType ??= protobuf.Root.fromJSON(messages).lookupType('Model')
  return modelType.encode(model as object as { [field: string]: unknown }).finish()
}
