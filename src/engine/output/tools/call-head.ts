/** What stands between a call's opening tag and its arguments: a name, and marks around it. */

const name = String.raw`[\p{L}_][\p{L}\p{N}_.:/-]*`;

/** Marks of one format or another that say nothing more once the name is known. */
const marks = new RegExp(
  [
    '```\\w*',
    String.raw`\[ARGS\]`,
    String.raw`\[CALL_ID\]\w*`,
    '(?:function)?<｜tool▁sep｜>',
    '<｜tool▁call▁begin｜>',
    String.raw`<\|(?:plugin|interpreter|tool_call_begin|tool_call_argument_begin|message)\|>`,
    String.raw`<\|constrain\|>\w*`,
    String.raw`<\|channel\|>\w*(?:\s+\w+)?`,
    '<(?:tool_call|function_call|function_calls|action)>',
    String.raw`\bcall:\s*`,
    // Begun, and to be seen whole.
    String.raw`(?:<[^<>]{0,100}|\[[A-Z_]{0,8}|\x60{1,2})$`,
  ].join('|'),
  'gu',
);
const plain = new RegExp(`^(?:${name})?$`, 'u');
const functionTag = new RegExp(
  `<(?:function|invoke|tool)(?:=|\\s+name=)["']?(${name})["']?\\s*>$`,
  'u',
);
const longest = 200;

/** The name in a head so far, empty while there is none; null where this is no head at all. */
export function nameIn(head: string): string | null {
  if (head.length > longest) return null;
  const bare = head.replace(marks, ' ').trim();
  return plain.test(bare) ? bare : null;
}

/** The name in a head that ends with `<function=name>`; null for any other head. */
export function taggedName(head: string): string | null {
  return functionTag.exec(head)?.[1] ?? null;
}
