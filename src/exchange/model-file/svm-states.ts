/** What the trainers of support vector machines keep, as JSON. */
import type { TargetScaleFile } from './boosted-states.js'

interface KernelFile {
  readonly kind: 'linear' | 'polynomial' | 'rbf' | 'sigmoid'
  readonly gamma: number
  readonly coef0: number
  readonly degree: number
}

type SigmoidsFile = { readonly a: readonly number[]; readonly b: readonly number[] } | null

/** Of our own: src/training/trainers/svm.ts, learners/svm-decisions.ts. */
export interface NativeMachineFile {
  readonly engine: 'native'
  readonly kernel: KernelFile
  readonly columns: number
  readonly centre: readonly number[]
  readonly factor: number
  readonly vectors: readonly number[]
  readonly coefficients: readonly number[]
  readonly rho: readonly number[]
  readonly counts: readonly number[]
  readonly sigmoids: SigmoidsFile
}

/** Of libsvm: src/training/trainers/libsvm.ts. */
export interface LibsvmMachineFile {
  readonly kernel: KernelFile
  readonly columns: number
  readonly vectors: readonly number[]
  readonly coefficients: readonly number[]
  readonly rho: readonly number[]
  readonly labels: readonly number[]
  readonly counts: readonly number[]
  readonly sigmoids: SigmoidsFile
}

export type SvmStates =
  | NativeMachineFile
  | LibsvmMachineFile
  | { readonly machine: NativeMachineFile | LibsvmMachineFile; readonly target: TargetScaleFile }
