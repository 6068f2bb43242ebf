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
await import('./module/main.js')
