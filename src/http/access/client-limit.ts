import type { Response } from 'express';
import { ApplianceError } from '../../errors.ts';

const retryAfterSeconds = 5;

/** Counts the requests that each client has under way. */
export class ClientLimit {
  readonly #underway = new Map<string, number>();

  /**
   * Counts a request until its answer is over; `most` 0 is no limit.
   * @throws ApplianceError `rate_limit_exceeded`
   */
  enter(client: string, most: number, response: Response): void {
    const count = this.#underway.get(client) ?? 0;
    if (most > 0 && count >= most) {
      throw new ApplianceError(
        'rate_limit_exceeded',
        `${count} requests of yours are under way; more than ${most} at a time are not taken. Wait for one to end.`,
        { retryAfterSeconds },
      );
    }
    // Who has left already is not told of again.
    if (response.destroyed) return;
    this.#underway.set(client, count + 1);
    response.once('close', () => this.#leave(client));
  }

  #leave(client: string): void {
    const count = (this.#underway.get(client) ?? 0) - 1;
    if (count > 0) this.#underway.set(client, count);
    else this.#underway.delete(client);
  }
}
