/** Mocha's spec output, closed by the one line that scripts read: `N passed, N failed`. */
import Mocha from 'mocha'

export default class PlainClosingLine extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    runner.on('fail', (_test, error: unknown) => {
      // What a disposal complained of must not hide what went wrong before.
      if (!(error instanceof SuppressedError)) return
      error.message = [error.suppressed, error.error].map((each: unknown) => String(each)).join('\n')
    })
  }

  override epilogue(): void {
    super.epilogue()
    const { passes, failures, pending } = this.stats
    const left = pending > 0 ? `, ${pending} skipped` : ''
    console.log(`${passes} passed, ${failures} failed${left}`)
  }
}
