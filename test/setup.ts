/** Around every test file. Modules are loaded once for all files of a thread, so that what is done for each is done here. */
import { afterAll } from 'vitest'
import { removeTemporary } from './temporary.js'

afterAll(removeTemporary)
