import type { Route } from '../routing.ts';
import type { HttpServices } from '../services.ts';
import { descriptions } from './descriptions.ts';
import { addKey, listKeys, revokeKey } from './keys.ts';
import { beginPull, cancelPull, followPull, listPulls } from './pulls.ts';
import { search } from './search.ts';
import { queue, status } from './status.ts';

/** What the owner of the board uses, by the command line or otherwise; see docs/ADMIN_API.md. */
export function adminRoutes(
  services: HttpServices,
  { keepAliveMs }: { keepAliveMs: number },
): readonly Route[] {
  return [
    {
      path: '/admin/status',
      access: 'owner',
      describes: descriptions.status,
      methods: { get: status(services) },
    },
    {
      path: '/admin/queue',
      access: 'owner',
      describes: descriptions.queue,
      methods: { get: queue(services) },
    },
    {
      path: '/admin/pulls',
      access: 'owner',
      describes: descriptions.pulls,
      describesPost: descriptions.beginPull,
      methods: { get: listPulls(services), post: beginPull(services, keepAliveMs) },
    },
    {
      path: '/admin/pulls/:id/events',
      access: 'owner',
      describes: descriptions.pullEvents,
      methods: { get: followPull(services, keepAliveMs) },
    },
    {
      path: '/admin/pulls/:id',
      access: 'owner',
      describes: descriptions.cancelPull,
      methods: { delete: cancelPull(services) },
    },
    {
      path: '/admin/search',
      access: 'owner',
      describes: descriptions.search,
      methods: { get: search(services) },
    },
    {
      path: '/admin/keys',
      access: 'owner',
      describes: descriptions.keys,
      describesPost: descriptions.addKey,
      methods: { get: listKeys(services), post: addKey(services) },
    },
    {
      path: '/admin/keys/:id',
      access: 'owner',
      describes: descriptions.revokeKey,
      methods: { delete: revokeKey(services) },
    },
  ];
}
