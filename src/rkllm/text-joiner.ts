/**
 * Joins the text of tokens into whole characters. A character may be split over tokens; the runtime
 * marks the incomplete ones WAITING. What WAITING carries is not documented (RKLLM SDK manual
 * 1.3.0): nothing, the bytes so far, with the next NORMAL token bringing the whole character or
 * only the rest. All of these give the same text here.
 */
export class TextJoiner {
  #pending = new Uint8Array(0);

  /** Text of a WAITING token: kept until the character is whole. */
  waiting(text: string | Uint8Array | null): void {
    if (text !== null) this.#pending = this.#join(toBytes(text));
  }

  /** Text of a NORMAL token: the whole characters that are ready now. */
  normal(text: string | Uint8Array | null): string {
    if (text === null) return '';
    if (this.#pending.length === 0 && typeof text === 'string') return text;
    const whole = this.#join(toBytes(text));
    const end = completeLength(whole);
    this.#pending = whole.slice(end);
    return decode(whole.subarray(0, end));
  }

  /** What is left at the end: an incomplete character, as U+FFFD. */
  flush(): string {
    const rest = decode(this.#pending);
    this.#pending = new Uint8Array(0);
    return rest;
  }

  #join(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return isInFirstCharacter(this.#pending, bytes) ? bytes : concat(this.#pending, bytes);
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function toBytes(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof text === 'string' ? new TextEncoder().encode(text) : new Uint8Array(text);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/**
 * True when the first character of `bytes` brings `pending` again: from its start, or from within,
 * where the token before carried the start along with whole characters.
 */
function isInFirstCharacter(pending: Uint8Array, bytes: Uint8Array): boolean {
  const next = bytes.findIndex((byte, index) => index > 0 && !isContinuation(byte));
  const first = Buffer.from(bytes.subarray(0, next < 0 ? bytes.length : next));
  return first.includes(Buffer.from(pending));
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0;
}

/** Bytes before a character that may still be completed; invalid bytes count as complete. */
function completeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
