/** A model family's chat format, for models whose tokenizer files bring no template. */
export interface Family {
  /** Also tells the parsers of the answer how this family writes tool calls and thoughts. */
  readonly name: string;
  /** Tried against the model's name. */
  readonly names: RegExp;
  /** `general.architecture` values that only this family has. */
  readonly architectures: readonly string[];
  /** How a user's turn begins: tells the family from a template, even from a piece of one. */
  readonly marker: string;
  /**
   * Jinja over `messages`, `tools`, `enable_thinking` and `date_string`, without a
   * beginning-of-sequence token: the runtime and the tokenizer add that.
   */
  readonly template: string;
}
