import type { z } from 'zod';

/** What a route tells of itself; `/api-docs` is generated from it. */
export interface RouteDescription {
  summary: string;
  /** What a caller should know besides; plain text. */
  notes?: string;
  request?: {
    /** The very schema that parses the body. */
    schema: z.ZodType;
    /** A body that `schema` accepts, to be tried out. */
    example: unknown;
    /** Fields that the schema lets through and something else decides about. */
    otherFields?: readonly OtherField[];
  };
  /** What a success looks like, by media type; an empty body is `{}`, a route that refuses `null`. */
  answers: Examples | null;
  /** Failures that are not in the dialect's shape. */
  failures?: Examples;
  /** A try would delete something. */
  destroys?: true;
}

export type MediaType =
  | 'application/json'
  | 'application/x-ndjson'
  | 'text/css'
  | 'text/event-stream'
  | 'text/html'
  | 'text/javascript'
  | 'text/plain';

/** An object or the text of a stream; without an example, null. */
export type Examples = Partial<Record<MediaType, unknown>>;

export interface OtherField {
  name: string;
  effect: string;
  why: string;
}
