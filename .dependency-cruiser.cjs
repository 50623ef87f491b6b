// Imports point inwards only; see docs/ARCHITECTURE.md. Tests, contracts and fakes may import what they test with.
const notTests = [
  '\\.test\\.ts$',
  '\\.fake\\.ts$',
  '/fixture[^/]*\\.ts$',
  '/contract[^/]*\\.ts$',
  '^schemas/arbitrary\\.ts$',
];
const ours = '^(schemas|producers|consumers|ports|gateway|web|app|stack|test|bench)/';

/** Files at `from` may import of ours only what matches `to`. */
const only = (name, comment, from, to, except = []) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: [...notTests, ...except] },
  to: { path: ours, pathNot: to },
});

const ports = '^ports/[^/]+/port\\.ts$';
const errors = '^ports/errors\\.ts$';
/** What projections that can be made anew have in common, and stores that move. */
const copy = '^ports/(copy|moving)\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Files that import each other in a circle cannot be understood one at a time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports it and it imports nothing: it is dead.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.d\\.ts$',
          '\\.test\\.ts$',
          '\\.config\\.(ts|js)$',
          '^\\.dependency-cruiser\\.cjs$',
          '^web/public/',
          '^web/src/worker/',
          '^(bench|stack)/',
          '^ports/[^/]+/port\\.ts$',
        ],
      },
      to: {},
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(bun|svelte/|vite/client|virtual:)' },
    },
    {
      name: 'only-tests-import-tests',
      severity: 'error',
      from: { pathNot: [...notTests, '^test/', '^bench/', '^web/test/'] },
      to: { path: [...notTests, '^test/', '^bench/'] },
    },
    only('schemas-import-nothing', 'The words depend on nothing of ours.', '^schemas/', '^schemas/'),
    only('producers-are-pure', 'Deciders know words only.', '^producers/', '^(schemas|producers)/'),
    only(
      'apply-is-pure',
      'What an event does to rows depends on nothing outside.',
      '^consumers/.+/apply\\.ts$',
      '^(schemas/|producers/(state|admit)\\.ts$|consumers/[^/]+/apply[^/]*\\.ts$)',
    ),
    only('ports-ask-in-words', 'What we ask of the outside is said in words.', ports, [
      '^schemas/',
      errors,
      copy,
    ]),
    only(
      'adapters-know-their-port',
      'An adapter knows its own port, errors, and the drivers that adapters share.',
      '^ports/([^/]+)/(?!port\\.ts$)',
      [
        '^ports/$1/',
        errors,
        copy,
        '^ports/cursors\\.ts$',
        '^ports/(sqlite|redis|mysql|kafka|thread)\\.ts$',
        '^ports/sql/',
        '^schemas/',
        ports,
      ],
    ),
    only('shared-drivers', 'Drivers that adapters share.', '^ports/[^/]+\\.ts$', [
      '^ports/[^/]+\\.ts$',
      '^schemas/',
    ]),
    only(
      'gateway-names-no-adapter',
      'The gateway is given its outside by app.',
      '^gateway/',
      // The one apply runs on sockets too.
      [
        '^(schemas|producers|gateway)/',
        '^consumers/[^/]+/apply\\.ts$',
        ports,
        errors,
        '^ports/event-log/partition\\.ts$',
        '^ports/mail/unsubscribe\\.ts$',
      ],
    ),
    only('consumers-name-no-adapter', 'The consumers are given their outside by app.', '^consumers/', [
      '^(schemas|producers|consumers)/',
      ports,
      errors,
      '^ports/event-log/partition\\.ts$',
      '^ports/mail/unsubscribe\\.ts$',
    ]),
    only(
      'web-knows-words',
      'The browser shares the words with the server and nothing else.',
      '^web/',
      ['^web/', '^schemas/'],
      ['^web/test/'],
    ),
    {
      name: 'only-app-composes',
      comment: 'Nobody inside may reach out to the composition root, the servers or the measurements.',
      severity: 'error',
      from: {
        path: '^(schemas|producers|consumers|ports|gateway|web)/',
        pathNot: [...notTests, '^web/test/'],
      },
      to: { path: '^(app|stack|test|bench)/' },
    },
  ],
  options: {
    includeOnly: ours,
    exclude: '(^|/)node_modules/|^(dist|data)/',
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.svelte.ts', '.svelte', '.mjs', '.js', '.json'] },
  },
};
