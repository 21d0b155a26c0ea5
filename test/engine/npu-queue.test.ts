import { describe, expect, it } from 'vitest';
import { NpuQueue, type Ticket } from '../../src/engine/npu-queue.ts';

const never = { model: 'm', signal: new AbortController().signal };

function entrant(signal: AbortSignal, model = 'm', client = 'somebody') {
  return { model, client, signal };
}

/** Joins once for each name; what comes back fills with the names whose turn it is. */
function lineOf(queue: NpuQueue, ...names: string[]) {
  const turns: string[] = [];
  const leaving = names.map(() => new AbortController());
  const tickets = names.map((name, index) => {
    const ticket = queue.join(entrant(leaving[index]?.signal ?? never.signal));
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
    const gone = queue.join(entrant(AbortSignal.abort('gone')));
    await expect(gone.turn).rejects.toBe('gone');
    gone.release();
    await expect(queue.join(never).turn).resolves.toBeUndefined();
  });

  it('serves a client that sends one before the rest of one that sends many', async () => {
    const queue = new NpuQueue(10);
    const order: string[] = [];
    const join = (client: string, name: string) => {
      const ticket = queue.join(entrant(never.signal, 'm', client));
      void ticket.turn.then(() => {
        order.push(name);
        setImmediate(() => ticket.release());
      });
    };
    for (const number of [1, 2, 3, 4]) join('many', `many ${number}`);
    join('one', 'one');
    join('two', 'two');
    for (let turn = 0; turn < 12; turn++) await settled();
    expect(order).toEqual(['many 1', 'one', 'two', 'many 2', 'many 3', 'many 4']);
  });

  it('starves nobody: new clients pass each waiting request once at most', async () => {
    const queue = new NpuQueue(100);
    const order: string[] = [];
    const join = (client: string) => {
      const ticket = queue.join(entrant(never.signal, 'm', client));
      void ticket.turn.then(() => {
        order.push(client);
        // Somebody new comes with every turn.
        if (order.length < 20) join(`new ${order.length}`);
        setImmediate(() => ticket.release());
      });
    };
    for (let request = 0; request < 3; request++) join('old');
    for (let turn = 0; turn < 60; turn++) await settled();
    const places = order.flatMap((client, index) => (client === 'old' ? [index] : []));
    expect(places).toHaveLength(3);
    expect(places.at(-1)).toBeLessThan(8);
  });

  it('holds against nobody what he asked for and left before its turn', async () => {
    const queue = new NpuQueue(100);
    const order: string[] = [];
    const join = (client: string, signal = never.signal) => {
      const ticket = queue.join(entrant(signal, 'm', client));
      ticket.turn.then(
        () => order.push(client),
        () => {},
      );
      return ticket;
    };
    const holder = join('holder');
    for (let request = 0; request < 20; request++) {
      const leaving = new AbortController();
      join('hasty', leaving.signal);
      if (request % 2 === 0) leaving.abort();
      else setImmediate(() => leaving.abort());
    }
    await settled();
    const tickets = [join('many'), join('many'), join('hasty'), join('many')];
    for (const ticket of [holder, tickets[0], tickets[2], tickets[1]]) {
      ticket?.release();
      await settled();
    }
    expect(order).toEqual(['holder', 'many', 'hasty', 'many', 'many']);
  });

  it('runs different models at once as far as it may, and never one model twice', async () => {
    const queue = new NpuQueue(10, 2);
    const turns: string[] = [];
    const join = (model: string) => {
      const ticket = queue.join(entrant(never.signal, model));
      void ticket.turn.then(() => turns.push(model));
      return ticket;
    };
    const first = join('a');
    join('a');
    join('b');
    join('c');
    await settled();
    expect(turns).toEqual(['a', 'b']);
    first.release();
    await settled();
    expect(turns).toEqual(['a', 'b', 'a']);
  });

  it('tells who waits, at which place, and how long that took lately', async () => {
    const queue = new NpuQueue(10);
    const first = queue.join(entrant(never.signal, 'a'));
    queue.join(entrant(never.signal, 'b', 'x'));
    queue.join(entrant(never.signal, 'c', 'y'));
    expect(queue.status()).toMatchObject([
      { model: 'b', position: 1, estimatedWaitMs: null },
      { model: 'c', position: 2, estimatedWaitMs: null },
    ]);
    await settled();
    first.release();
    expect(queue.status()).toEqual([
      {
        model: 'c',
        position: 1,
        waitedMs: expect.any(Number),
        estimatedWaitMs: expect.any(Number),
      },
    ]);
  });
});

describe('NpuQueue, when a prompt is in memory', () => {
  /** Waits behind `holder`; `known`: characters of its prompt that are in memory. */
  function waiting(queue: NpuQueue, turns: string[], name: string, known = 0, model = 'm') {
    const ticket = queue.join({ ...never, model, client: name, familiarity: () => known });
    ticket.turn.then(
      () => turns.push(name),
      () => {},
    );
    return ticket;
  }

  it('prefers the request that goes on from it', async () => {
    const queue = new NpuQueue(10);
    const turns: string[] = [];
    const holder = queue.join(never);
    const stranger = waiting(queue, turns, 'stranger');
    const known = waiting(queue, turns, 'known', 5000);
    holder.release();
    await settled();
    expect(turns).toEqual(['known']);
    known.release();
    await settled();
    expect(turns).toEqual(['known', 'stranger']);
    stranger.release();
  });

  it('keeps to the order where little would be won', async () => {
    const queue = new NpuQueue(10);
    const turns: string[] = [];
    const holder = queue.join(never);
    waiting(queue, turns, 'first', 4500);
    waiting(queue, turns, 'second', 5000);
    holder.release();
    await settled();
    expect(turns).toEqual(['first']);
  });

  it('passes nobody over more than three times', async () => {
    const queue = new NpuQueue(10);
    const turns: string[] = [];
    let next = queue.join(never);
    waiting(queue, turns, 'patient');
    for (let index = 0; index < 5; index++) {
      const known = waiting(queue, turns, `known ${index}`, 5000);
      next.release();
      next = known;
      await settled();
    }
    expect(turns).toEqual(['known 0', 'known 1', 'known 2', 'patient']);
  });

  it('looks at the model whose turn it is, and at no other', async () => {
    const queue = new NpuQueue(10);
    const turns: string[] = [];
    const holder = queue.join(never);
    waiting(queue, turns, 'first');
    waiting(queue, turns, 'other model', 5000, 'other');
    holder.release();
    await settled();
    expect(turns).toEqual(['first']);
  });
});

describe('NpuQueue, at rest', () => {
  it('gives a turn to what nobody waits for, and whoever comes then waits for its end', async () => {
    const queue = new NpuQueue(0);
    const rest = queue.rest('m');
    expect(queue.rest('m')).toBeNull();
    let isTurn = false;
    const ticket = queue.join(never);
    void ticket.turn.then(() => {
      isTurn = true;
    });
    await settled();
    expect(isTurn).toBe(false);
    rest?.release();
    rest?.release();
    await settled();
    expect(isTurn).toBe(true);
    expect(queue.rest('m')).toBeNull();
  });

  it('has no turn to give while anybody waits', () => {
    const queue = new NpuQueue(10, 2);
    queue.join(never);
    expect(queue.rest('other')).not.toBeNull();
    queue.join(never);
    expect(queue.rest('third')).toBeNull();
  });
});
