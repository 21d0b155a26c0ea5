/** Where the admin socket is that no setting names, for the daemon and for its command line. */
import { join } from 'node:path';

/** In the service's runtime folder; its group may administrate. */
export const serviceAdminSocket = '/run/rkllamad/admin.sock';

/** Of a daemon that is no service, in the folder of its appliance. */
export function homeAdminSocket(home: string): string {
  return join(home, 'admin.sock');
}
