/**
 * Which way imports may go. Read by `dependency-cruiser`, as part of `npm test`.
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two files that need each other are one, or have a third between them. Types may meet.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-found',
      comment: 'An import has to lead somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-declared',
      comment: "A package has to stand in the importing package's own package.json.",
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'web-takes-types-of-the-app',
      comment: 'The page knows the BFF only by the types of its app, through the package "bff".',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^bff/', pathNot: '^bff/src/app\\.ts$' },
    },
    {
      name: 'web-takes-only-types',
      comment: 'Nothing of the BFF runs in the browser.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^bff/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'product-without-development-code',
      comment: 'What a deployment runs knows neither the sandbox nor the tests.',
      severity: 'error',
      from: { path: '^bff/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(bff/(sandbox|test|bench)|e2e|scripts|web)/' },
    },
    {
      name: 'product-without-development-packages',
      comment: 'A deployment installs dependencies only.',
      severity: 'error',
      from: { path: '^(bff|web)/src/', pathNot: '(\\.test\\.tsx?$|^web/src/test/)' },
      to: { dependencyTypes: ['npm-dev', 'npm-optional'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'providers-below-features',
      comment: 'A provider is asked by features and knows none of them.',
      severity: 'error',
      from: { path: '^bff/src/providers/', pathNot: '\\.test\\.ts$' },
      to: { path: '^bff/src/(?!providers/)[^/]+/' },
    },
    {
      name: 'database-below-features',
      comment: 'The database knows no feature and no provider, apart from the types of what it stores.',
      severity: 'error',
      from: { path: '^bff/src/db/', pathNot: '\\.test\\.ts$' },
      to: { path: '^bff/src/(?!db/)[^/]+/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'ui-without-domain',
      comment: 'The shared primitives of the page know no feature.',
      severity: 'error',
      from: { path: '^web/src/ui/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^web/src/', pathNot: '^web/src/ui/' },
    },
    {
      name: 'page-without-node',
      comment: 'Browsers have no modules of Node.js.',
      severity: 'error',
      from: { path: '^web/src/', pathNot: '(\\.test\\.tsx?$|^web/src/test/)' },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'tests-are-not-imported',
      comment: 'What tests share lives in a file of its own.',
      severity: 'error',
      from: {},
      to: { path: '\\.(test|spec)\\.tsx?$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^web/dist/' },
    combinedDependencies: false,
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
