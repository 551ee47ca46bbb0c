// npm runs scripts with the pinned Node from node_modules. When its install script was blocked, npm silently falls back to
// the system's Node: this says so instead of failing later in a place that does not explain itself.
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(
    `This checkout runs on Node 24, but the Node that npm found is ${process.versions.node} (${process.execPath}).\n` +
      'Run `npm ci` again with install scripts allowed for the package "node" (see allowScripts in package.json).',
  )
  process.exit(1)
}
