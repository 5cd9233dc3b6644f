/** Configurations as NNI 1 had them, which later versions still take: put as those have them, in the way NNI does it. */
import { isJsonObject } from '../../../values.js'
import type { Told } from '../told.js'

type Entries = Readonly<Record<string, unknown>>

const renamed: Readonly<Record<string, string>> = {
  maxExecDuration: 'maxExperimentDuration',
  maxTrialNum: 'maxTrialNumber',
  searchSpacePath: 'searchSpaceFile',
  logDir: 'experimentWorkingDirectory',
  trainingServicePlatform: 'trainingService',
}
const renamedOfTrial: Readonly<Record<string, string>> = {
  command: 'trialCommand',
  codeDir: 'trialCodeDirectory',
  gpuNum: 'trialGpuNumber',
}
const builtIn: Readonly<Record<string, string>> = {
  tuner: 'builtinTunerName',
  advisor: 'builtinAdvisorName',
  assessor: 'builtinAssessorName',
}

export function ofVersion1(config: Entries): boolean {
  return 'trainingServicePlatform' in config || 'searchSpacePath' in config || isJsonObject(config.trial)
}

export function asLaterVersions(config: Entries, told: Told): Entries {
  const later: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(config)) {
    if (key === 'trial' && isJsonObject(value)) {
      for (const [inner, entry] of Object.entries(value))
        if (Object.hasOwn(renamedOfTrial, inner)) later[renamedOfTrial[inner]] = entry
        else told.warn([key, inner], 'it has no counterpart; it is left out')
    } else if (Object.hasOwn(builtIn, key) && isJsonObject(value)) {
      const { [builtIn[key]]: name, ...others } = value
      later[key] = name === undefined ? others : { name, ...others }
    } else later[Object.hasOwn(renamed, key) ? renamed[key] : key] = value
  }
  return later
}
