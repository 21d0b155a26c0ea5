import type { NumberBounds } from '../number-rules.ts';

export const jsonTypes = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const;
export type JsonType = (typeof jsonTypes)[number];

/** Several schemas of which one has to hold; `exactly`: no second one may. */
export interface Group {
  keyword: 'anyOf' | 'oneOf' | 'enum';
  branches: readonly Schema[];
  exactly: boolean;
  /** A property that tells the branches apart, by OpenAPI. */
  discriminator: string | null;
}

/** One schema object, its keywords read and checked. Absent keywords are null. */
export interface Schema {
  /** Unique within the document. */
  readonly id: number;
  readonly pointer: string;
  /** `false`: nothing is valid. */
  never: boolean;
  types: ReadonlySet<JsonType> | null;
  /** Types that the keywords speak of, for schemas that name none. */
  hints: ReadonlySet<JsonType>;
  /** JSON texts of the scalars in `enum` or `const`. */
  values: readonly string[] | null;
  /** Schemas that hold as well: `$ref` and `allOf`. */
  also: readonly Schema[];
  groups: readonly Group[];
  number: NumberBounds;
  minLength: number;
  maxLength: number;
  /** Sources of regular expressions that have to be found. */
  patterns: readonly string[];
  prefixItems: readonly Schema[];
  items: Schema | null;
  minItems: number;
  maxItems: number;
  uniqueItems: boolean;
  properties: ReadonlyMap<string, Schema>;
  patternProperties: ReadonlyMap<string, Schema>;
  additionalProperties: Schema | null;
  propertyNames: Schema | null;
  required: readonly string[];
  minProperties: number;
  maxProperties: number;
}
