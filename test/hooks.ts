/** Root hooks: no test may leave an unhandled rejection behind. */
export const mochaHooks = {}
