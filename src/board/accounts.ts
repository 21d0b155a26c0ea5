/** Users of the machine, and what they may do with a file. */
import { BoardFiles, type Ownership } from './files.ts';

export interface Account {
  name: string;
  uid: number;
  gid: number;
  home: string;
  /** Ids of all its groups, the first one included. */
  groups: readonly number[];
}

/** From the local files; users of a directory service are not found. Null when there is none. */
export async function readAccount(name: string, root = '/'): Promise<Account | null> {
  const files = new BoardFiles(root);
  const lines = await rows(files, '/etc/passwd');
  const [, , uid, gid, , home] = lines.find(([each]) => each === name) ?? [];
  if (uid === undefined || gid === undefined || home === undefined) return null;
  const memberships = (await rows(files, '/etc/group')).flatMap(([, , id, members]) =>
    (members ?? '').split(',').includes(name) ? Number(id) : [],
  );
  const groups = [...new Set([Number(gid), ...memberships])];
  return { name, uid: Number(uid), gid: Number(gid), home, groups };
}

/** The id of a group; null where there is none of that name. */
export async function groupId(name: string, root = '/'): Promise<number | null> {
  const lines = await rows(new BoardFiles(root), '/etc/group');
  const [, , id] = lines.find(([each]) => each === name) ?? [];
  return id === undefined ? null : Number(id);
}

/** Whether the permission bits let this user read and write. */
export function mayReadAndWrite(
  { uid, gid, mode }: Ownership,
  user: Pick<Account, 'uid' | 'groups'>,
): boolean {
  if (user.uid === 0) return true;
  const shift = user.uid === uid ? 6 : user.groups.includes(gid) ? 3 : 0;
  return ((mode >> shift) & 0o6) === 0o6;
}

async function rows(files: BoardFiles, path: string): Promise<string[][]> {
  const text = (await files.raw(path)).value ?? '';
  return text.split('\n').map((line) => line.split(':'));
}
