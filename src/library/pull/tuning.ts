/** The numbers of a transfer; the defaults suit a board on a home line. */
export interface Tuning {
  /** Connections of one download, for files of at least two pieces on servers with ranges. */
  connections: number;
  /** The other connections join when the first stays below `fastBytesPerSecond` for so long. */
  rampUpMs: number;
  fastBytesPerSecond: number;
  /** How much one range request asks for. */
  pieceBytes: number;
  /** The same while one connection is alone. */
  lonePieceBytes: number;
  /** A connection that brings no byte for so long is given up. */
  inactivityMs: number;
  /** Tries in a row that may bring no new byte. */
  attempts: number;
  /** The same for questions about repositories, which somebody waits for. */
  metadataAttempts: number;
  /** First wait between tries; doubles up to `maxBackoffMs`, with jitter. */
  backoffMs: number;
  maxBackoffMs: number;
  /** A `Retry-After` above this is not waited for. */
  maxRetryAfterMs: number;
  /** Between two durable notes of what has arrived. */
  checkpointMs: number;
  /** Left free on the file system. */
  reserveBytes: number;
  /** Least time between two progress events, apart from those for a whole percent. */
  progressMs: number;
  /** Pulls at the same time. */
  maxPulls: number;
}

export const defaultTuning: Tuning = {
  connections: 4,
  rampUpMs: 1_000,
  fastBytesPerSecond: 60e6,
  pieceBytes: 32 * 1024 * 1024,
  lonePieceBytes: 128 * 1024 * 1024,
  inactivityMs: 30_000,
  attempts: 12,
  metadataAttempts: 5,
  backoffMs: 500,
  maxBackoffMs: 30_000,
  maxRetryAfterMs: 300_000,
  checkpointMs: 5_000,
  reserveBytes: 256 * 1024 * 1024,
  progressMs: 250,
  maxPulls: 16,
};
