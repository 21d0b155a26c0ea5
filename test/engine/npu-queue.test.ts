import { describe, expect, it } from 'vitest';
import { NpuQueue, type Ticket } from '../../src/engine/npu-queue.ts';

const never = new AbortController().signal;

/** Joins once for each name; what comes back fills with the names whose turn it is. */
function lineOf(queue: NpuQueue, ...names: string[]) {
  const turns: string[] = [];
  const leaving = names.map(() => new AbortController());
  const tickets = names.map((name, index) => {
    const ticket = queue.join(leaving[index]?.signal ?? never);
    ticket.turn.then(
      () => turns.push(name),
      (reason) => turns.push(`${name} left: ${reason}`),
    );
    return ticket;
  });
  return { turns, tickets: tickets as [Ticket, Ticket, Ticket], leaving };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('NpuQueue', () => {
  it('gives one turn at a time, first come first served', async () => {
    const { turns, tickets } = lineOf(new NpuQueue(10), 'a', 'b', 'c');
    await settled();
    expect(turns).toEqual(['a']);
    tickets[0].release();
    await settled();
    expect(turns).toEqual(['a', 'b']);
    tickets[1].release();
    await settled();
    expect(turns).toEqual(['a', 'b', 'c']);
  });

  it('counts who waits, without the one whose turn it is', () => {
    const queue = new NpuQueue(10);
    const { tickets } = lineOf(queue, 'a', 'b', 'c');
    expect(queue.length).toBe(2);
    tickets[0].release();
    expect(queue.length).toBe(1);
  });

  it('refuses more than may wait, and says when to come again', () => {
    const queue = new NpuQueue(2);
    const { tickets } = lineOf(queue, 'a', 'b', 'c');
    expect(() => queue.join(never)).toThrow(
      expect.objectContaining({ code: 'queue_full', retryAfterSeconds: expect.any(Number) }),
    );
    tickets[0].release();
    expect(() => queue.join(never)).not.toThrow();
  });

  it('takes one request at a time when nobody may wait', () => {
    const queue = new NpuQueue(0);
    const ticket = queue.join(never);
    expect(() => queue.join(never)).toThrow(expect.objectContaining({ code: 'queue_full' }));
    ticket.release();
    expect(() => queue.join(never)).not.toThrow();
  });

  it('lets go who leaves the line, at nobody else’s cost', async () => {
    const queue = new NpuQueue(10);
    const { turns, tickets, leaving } = lineOf(queue, 'a', 'b', 'c');
    leaving[1]?.abort('tired');
    await settled();
    expect(turns).toEqual(['a', 'b left: tired']);
    expect(queue.length).toBe(1);
    tickets[1].release();
    tickets[0].release();
    await settled();
    expect(turns).toEqual(['a', 'b left: tired', 'c']);
  });

  it('keeps the turn of one whose signal aborts while it runs', async () => {
    const { turns, tickets, leaving } = lineOf(new NpuQueue(10), 'a', 'b');
    leaving[0]?.abort('tired');
    await settled();
    expect(turns).toEqual(['a']);
    tickets[0].release();
    await settled();
    expect(turns).toEqual(['a', 'b']);
  });

  it('takes a second release for none', async () => {
    const { turns, tickets } = lineOf(new NpuQueue(10), 'a', 'b', 'c');
    tickets[0].release();
    tickets[0].release();
    await settled();
    expect(turns).toEqual(['a', 'b']);
  });

  it('takes a release before the turn for leaving the line', async () => {
    const queue = new NpuQueue(10);
    const { turns, tickets } = lineOf(queue, 'a', 'b', 'c');
    tickets[1].release();
    tickets[1].release();
    expect(queue.length).toBe(1);
    tickets[0].release();
    await settled();
    expect(turns).toContain('c');
    expect(turns).not.toContain('b');
  });

  it('gives no turn to one who left before joining', async () => {
    const queue = new NpuQueue(10);
    const gone = queue.join(AbortSignal.abort('gone'));
    await expect(gone.turn).rejects.toBe('gone');
    gone.release();
    await expect(queue.join(never).turn).resolves.toBeUndefined();
  });
});
