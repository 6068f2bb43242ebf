/** Prints the module's manifest as `module.json`, for shells that read it without running the module. */
import { manifest } from '../module/index.ts'

console.log(JSON.stringify(manifest(), undefined, 2))
