// Which room may import which: the arrows of the design (README, "How the house is laid out").
// A room is entered by its index.ts only, but for what `doors` names. errors.ts, values.ts, names.ts, processes.ts, spelling.ts, shown.ts, format.ts, origin.ts, csv-cell.ts, arguments.ts, too-many-files.ts, trainer-choice.ts, sync-path.ts and listening.ts are open to all.
const arrows = {
  numeric: [],
  space: ['numeric'],
  search: ['space', 'numeric'],
  data: ['numeric'],
  training: ['data', 'numeric'],
  execution: ['training'],
  tracking: [],
  sweep: ['numeric', 'space', 'search', 'training', 'execution', 'tracking'],
  launch: ['numeric', 'data', 'space', 'search', 'training', 'execution', 'tracking', 'sweep', 'analysis'],
  analysis: ['numeric', 'space', 'search', 'tracking'],
  dashboard: ['space', 'analysis', 'tracking', 'launch'],
  remote: ['numeric', 'data', 'space', 'training', 'execution', 'tracking', 'sweep', 'launch'],
  exchange: [
    'numeric',
    'data',
    'space',
    'search',
    'training',
    'execution',
    'tracking',
    'sweep',
    'launch',
    'analysis',
  ],
  testing: ['numeric', 'data', 'space', 'search', 'training', 'execution'],
  cli: [
    'numeric',
    'data',
    'space',
    'search',
    'training',
    'execution',
    'tracking',
    'sweep',
    'launch',
    'analysis',
    'dashboard',
    'remote',
    'exchange',
  ],
}
const rooms = Object.keys(arrows)
// The page asks queries of runs, which it has no store for.
// A thread that only describes a trainer enters by a door of its own, behind which little has to be loaded; who only reads how a
// best trial was judged, and what its figures are called, likewise. The server and the report of the dashboard are loaded where they are used, and so is the server of a model.
const doors = {
  dashboard: 'index|(server|report)/index',
  training: 'index|describe',
  launch: 'index|judging-record|figures|insight',
  tracking: 'index|query/index',
  exchange: 'index|serve/index',
}

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      // Types are gone when it runs.
      name: 'the-page-runs-in-a-browser',
      severity: 'error',
      from: { path: '^src/dashboard/(page|data)/' },
      to: {
        dependencyTypesNot: ['type-only'],
        pathNot: [
          '^src/dashboard/(page|data)/',
          '^src/(errors|values|names|spelling|shown|format|origin|csv-cell)\\.ts$',
          '^src/tracking/(query/|seconds\\.ts$)',
          '^node_modules/(preact|@preact/signals|d3-[a-z]+)/',
        ],
      },
    },
    {
      // Whoever installs the package has none of those. The page is bundled; types are gone; kernels are compiled before.
      name: 'what-runs-needs-no-development-dependency',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(dashboard/page/|compile-kernels)' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'what-is-open-to-all-imports-nothing',
      severity: 'error',
      from: {
        path: '^src/(errors|values|names|processes|spelling|shown|format|origin|csv-cell|arguments|too-many-files|trainer-choice|sync-path|listening)\\.ts$',
      },
      to: {
        path: '^src/(?!errors|values|names|processes|spelling|shown|format|origin|csv-cell|arguments|too-many-files|trainer-choice|sync-path|listening)',
      },
    },
    ...rooms.map((room) => ({
      name: `${room}-imports-only-${arrows[room].join('-') || 'nothing'}`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: {
        path: '^src/',
        pathNot: [
          `^src/${room}/`,
          '^src/(errors|values|names|processes|spelling|shown|format|origin|csv-cell|arguments|too-many-files|trainer-choice|sync-path|listening)\\.ts$',
          ...arrows[room].map((r) => `^src/${r}/`),
        ],
      },
    })),
    ...rooms.map((room) => ({
      name: `${room}-by-its-door`,
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${room}/` },
      to: { path: `^src/${room}/`, pathNot: `^src/${room}/(${doors[room] ?? 'index'})\\.ts$` },
    })),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '\\.as\\.ts$' },
    doNotFollow: { path: 'node_modules' },
  },
}
