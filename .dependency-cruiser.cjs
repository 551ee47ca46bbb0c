/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'domain-is-pure',
      comment: 'The domain imports only the domain and fp-ts.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: ['^src/domain/', '(^|node_modules/)fp-ts/'] },
    },
    {
      name: 'application-knows-no-technology',
      comment: 'The application imports only the domain, the application and fp-ts: the rest reaches it through ports.',
      severity: 'error',
      from: { path: '^src/application/' },
      to: { pathNot: ['^src/(domain|application)/', '(^|node_modules/)fp-ts/'] },
    },
    {
      name: 'adapters-do-not-know-each-other',
      comment: 'An adapter imports no other adapter; the contract folder is the one thing they share.',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/($1|contract)/' },
    },
    {
      name: 'only-the-root-knows-the-root',
      comment: 'Infrastructure wires the rest together, so nothing else imports it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/infrastructure/' },
      to: { path: '^src/infrastructure/' },
    },
    {
      name: 'container-at-the-root-only',
      comment: 'The container and its peer stay in infrastructure.',
      severity: 'error',
      from: { pathNot: '^src/infrastructure/' },
      to: { path: '(^|node_modules/)(inversify|reflect-metadata)' },
    },
    {
      name: 'schemas-at-the-edge-only',
      comment: 'Outside input is parsed in adapters, so zod is not in the domain or the application.',
      severity: 'error',
      from: { path: '^src/(domain|application)/' },
      to: { path: '(^|node_modules/)zod' },
    },
    {
      name: 'source-does-not-know-its-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'source-uses-no-development-package',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      // an optional peer: whoever names a model installs it
      to: { couldNotResolve: true, pathNot: '^onnxruntime-node$' },
    },
    {
      name: 'no-circle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  required: [
    {
      name: 'every-file-has-a-layer',
      comment: 'A file beside the layers, or beside the folders of the adapters, would escape the rules above.',
      severity: 'error',
      module: {
        path: '^src/',
        pathNot: '^src/(domain|application|adapters/[^/]+|infrastructure)/',
      },
      to: { path: '^$' }, // no file has this name, so whatever stands there breaks the rule
    },
  ],
  options: {
    parser: 'swc', // with TypeScript 7 any other parser finds 0 modules and reports success
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
}
