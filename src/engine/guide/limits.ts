/** Bounds of what a guide takes on: a schema is a stranger's program, and a text has to end. */
export const limits = {
  /** Levels of arrays and objects in a text, and of schemas in a schema. */
  depth: 100,
  schemaDepth: 64,
  /** Schemas inside of one schema. */
  schemas: 5_000,
  /** Rules that those schemas and their combinations become. */
  nodes: 10_000,
  /** Ways to satisfy one schema (`anyOf` times `anyOf` ...). */
  alternatives: 256,
  /** Values of one `enum`, and characters of all texts in a schema. */
  enumValues: 10_000,
  schemaCharacters: 1_000_000,
  /** Characters of one `pattern`. */
  patternCharacters: 2_000,
  /** States of all automata behind the patterns of one schema, cells of their tables, steps to build them. */
  regexStates: 20_000,
  regexCells: 2_000_000,
  regexVisits: 5_000_000,
  /** Readings of one text that are followed at once. */
  threads: 512,
  /** `minProperties`, and `minItems` of items that differ: so many have to be thought up at once. */
  differentOnes: 256,
  /** Characters of the shortest document. */
  shortestDocument: 65_536,
  /** Characters of one piece of forced text. */
  forcedPiece: 4_096,
} as const;
