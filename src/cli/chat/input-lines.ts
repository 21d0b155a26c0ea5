/** A message, typed in lines. */

const fence = '"""';

/** A whole message between fences. */
const fenced = /^\s*"""\n?((?:(?!""")[\s\S])*?)\n?"""\s*$/;

/**
 * Joins lines to messages: between `"""` and `"""`, after a backslash at the end of a line, and
 * within what was pasted at once, where neither of them means anything (a script, a docstring).
 */
export class InputLines {
  #lines: string[] = [];
  #isFenced = false;

  /** A message has begun, and is not whole. */
  get isOpen(): boolean {
    return this.#lines.length > 0 || this.#isFenced;
  }

  /**
   * Takes a line; returns the message when that makes one whole.
   * @param goesOn more of the same paste follows
   */
  add(line: string, goesOn = false): string | undefined {
    if (goesOn) {
      this.#lines.push(line);
      return undefined;
    }
    if (this.#isFenced) return this.#addFenced(line);
    if (!this.isOpen && line.trimStart().startsWith(fence)) {
      this.#isFenced = true;
      return this.#addFenced(line.trimStart().slice(fence.length));
    }
    const continues = line.endsWith('\\') && !line.endsWith('\\\\');
    this.#lines.push(continues ? line.slice(0, -1) : line);
    return continues ? undefined : this.#take();
  }

  clear(): void {
    this.#lines = [];
    this.#isFenced = false;
  }

  #addFenced(line: string): string | undefined {
    const end = line.lastIndexOf(fence);
    if (end < 0 || line.slice(end + fence.length).trim() !== '') {
      // Nothing after the opening fence is no line of the message.
      if (line !== '' || this.#lines.length > 0) this.#lines.push(line);
      return undefined;
    }
    if (end > 0) this.#lines.push(line.slice(0, end));
    return this.#take();
  }

  #take(): string {
    const message = this.#lines.join('\n');
    this.clear();
    // It may have been pasted with its fences.
    return fenced.exec(message)?.[1] ?? message;
  }
}
