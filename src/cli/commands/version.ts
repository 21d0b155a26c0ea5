import { Command } from 'commander';
import type { CliContext } from '../context.ts';

export function versionCommand({ out, client }: CliContext): Command {
  return new Command('version')
    .description('Tell the versions of this program, of the daemon and of its runtime.')
    .action(async () => {
      const { daemonVersion } = await import('../api/version.ts');
      const { ownVersion } = await import('../../config/index.ts');
      const version = ownVersion();
      const daemon = await daemonVersion(await client());
      out.answer({ client: version, ...daemon }, () => {
        out.facts([
          ['rkllama', version],
          [
            'rkllamad',
            daemon.answers
              ? (daemon.daemon ?? 'answers; its version is for admins')
              : 'does not answer',
          ],
          ['librkllmrt', daemon.runtime],
        ]);
        if (daemon.daemon !== null && daemon.daemon !== version) {
          out.warn('The two differ. After an upgrade: sudo systemctl restart rkllamad');
        }
      });
    });
}
