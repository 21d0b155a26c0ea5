import { ApplianceError } from '../../errors.ts';
import type { OpenAnswer } from './hub-client.ts';

/**
 * The error for a hub's final "no".
 * @param subject what was asked for: `user/repo`, `user/repo/file.rkllm`
 */
export function refusal({ status, headers, url }: OpenAnswer, subject: string): ApplianceError {
  const { host } = url;
  // Hugging Face names the reason here: RepoNotFound, RevisionNotFound, EntryNotFound, GatedRepo.
  const reason = headers.get('x-error-code');
  if (reason === 'RevisionNotFound') {
    return new ApplianceError('model_not_found', `${host} has no such revision of ${subject}.`);
  }
  if (reason === 'EntryNotFound') {
    return new ApplianceError('model_not_found', `${host} has no file ${subject}.`);
  }
  if (reason === 'GatedRepo' || status === 403) {
    return new ApplianceError(
      'pull_failed',
      `${subject} is gated: accept its licence on ${host} with your account, then set HF_TOKEN to a token of that account and pull again.`,
    );
  }
  if (status === 401) {
    return new ApplianceError(
      'pull_failed',
      `${host} does not show ${subject} without a login: either it does not exist, or it is private or gated; then set HF_TOKEN to a token that may read it.`,
    );
  }
  if (status === 404) {
    return new ApplianceError('model_not_found', `${host} has no ${subject}. Check its spelling.`);
  }
  return new ApplianceError('pull_failed', `${host} refused ${subject} with status ${status}.`);
}
