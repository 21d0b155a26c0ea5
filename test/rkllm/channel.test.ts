import { describe, expect, it } from 'vitest';
import { Channel } from '../../src/rkllm/channel.ts';

async function collect<T>(channel: Channel<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of channel) items.push(item);
  return items;
}

describe('a channel', () => {
  it('hands over what was pushed before anybody read, in order', async () => {
    const channel = new Channel<number>();
    channel.push(1);
    channel.push(2);
    channel.close();
    expect(await collect(channel)).toEqual([1, 2]);
  });

  it('hands over what is pushed while somebody waits', async () => {
    const channel = new Channel<string>();
    const read = collect(channel);
    channel.push('a');
    await Promise.resolve();
    channel.push('b');
    channel.push('c');
    channel.close();
    expect(await read).toEqual(['a', 'b', 'c']);
  });

  it('ends for a reader that waits', async () => {
    const channel = new Channel<string>();
    const next = channel.next();
    channel.close();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('throws an error after what was pushed before it, once', async () => {
    const channel = new Channel<number>();
    channel.push(1);
    channel.fail(new Error('broken'));
    expect(await channel.next()).toEqual({ done: false, value: 1 });
    await expect(channel.next()).rejects.toThrow('broken');
    expect(await channel.next()).toEqual({ done: true, value: undefined });
  });

  it('throws an error at a reader that waits', async () => {
    const channel = new Channel<number>();
    const next = channel.next();
    channel.fail(new Error('broken'));
    await expect(next).rejects.toThrow('broken');
  });

  it('takes nothing after its end', async () => {
    const closed = new Channel<number>();
    closed.close();
    closed.push(1);
    closed.fail(new Error('late'));
    expect(await collect(closed)).toEqual([]);
    const failed = new Channel<number>();
    failed.fail(new Error('first'));
    failed.fail(new Error('second'));
    failed.close();
    await expect(failed.next()).rejects.toThrow('first');
  });

  it('forgets the rest when its reader leaves', async () => {
    const channel = new Channel<number>();
    channel.push(1);
    channel.push(2);
    for await (const item of channel) {
      expect(item).toBe(1);
      break;
    }
    channel.push(3);
    expect(await collect(channel)).toEqual([]);
  });
});
