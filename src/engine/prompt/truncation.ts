/** Which messages to drop when a conversation is longer than the context: Ollama's rule. */
import type { ChatMessage } from '../types.ts';

/**
 * Shorter and shorter versions of a conversation, the whole one first. Every one keeps the system
 * messages and the last message. Oldest turns go first, a question together with its answer; when
 * only the last question is left, the oldest calls of tools that were made to answer it. A call
 * and its results go together.
 */
export function shorterVersions(messages: readonly ChatMessage[]): readonly ChatMessage[][] {
  const groups = groupsOf(messages);
  const lastQuestion = groups.findLastIndex(([first]) => first?.role === 'user');
  const versions: ChatMessage[][][] = [groups];
  for (let start = 1; start < groups.length; start++) {
    const rest = groups.slice(start);
    const question = groups[lastQuestion];
    if (start > lastQuestion + 1 || lastQuestion < 0)
      versions.push(question ? [question, ...rest] : rest);
    else if (start <= lastQuestion && rest[0]?.[0]?.role === 'user') versions.push(rest);
  }
  if (lastQuestion >= 0 && lastQuestion < groups.length - 1) versions.push(groups.slice(-1));
  const system = (message: ChatMessage) => message.role === 'system';
  return versions.map((kept) => {
    const set = new Set(kept.flat());
    return messages.filter((message) => system(message) || set.has(message));
  });
}

/** Messages that make sense only together, system messages left out. */
function groupsOf(messages: readonly ChatMessage[]): ChatMessage[][] {
  const groups: ChatMessage[][] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const last = groups.at(-1);
    if (message.role === 'tool' && last && last[0]?.role !== 'user') last.push(message);
    else groups.push([message]);
  }
  return groups;
}
