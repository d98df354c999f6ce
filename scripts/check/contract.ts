/** The files of `packages/core/src` that are the contract: the rest is the engine, which they never import. */
export const contract: readonly string[] = [
  'words',
  'interaction',
  'vocabulary',
  'errors',
  'adapter',
  'decision',
  'store',
  'host',
  'ils',
  'pages',
]
