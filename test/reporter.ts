/** Mocha's spec output, closed by the one line that scripts read: `N passed, N failed`. */
import Mocha from 'mocha'

export default class PlainClosingLine extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue()
    const { passes, failures, pending } = this.stats
    const left = pending > 0 ? `, ${pending} skipped` : ''
    console.log(`${passes} passed, ${failures} failed${left}`)
  }
}
