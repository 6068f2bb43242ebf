#!/usr/bin/env node
/**
 * Starts the packaged module in its own shell. Written so that an old Node can still read it, and say why it stops: everything newer
 * comes with the import at the end.
 */
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 13)) {
  console.error('The FTP module needs Node.js 22.13 or newer. This is ' + process.version + ': ' + process.execPath)
  process.exit(1)
}
// Node 22 calls its SQLite experimental; whoever starts an appliance can do nothing about it.
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') console.error(warning.name + ': ' + warning.message)
})
await import('./module/main.js')
