import { ApplianceError } from '../../errors.ts';
import { checkPathSegment } from './target.ts';

/** A model file on a hub, or a repository out of which the file is still to be chosen. */
export interface PullReference {
  hub: 'hf' | 'modelscope';
  /** `user/repo` */
  repository: string;
  /** Path of the `.rkllm` file inside the repository; null when only the repository was named. */
  path: string | null;
  /** Branch, tag or commit; null for the hub's default branch. */
  revision: string | null;
  /** A word the file name must contain: the tag of `hf.co/user/repo:w8a8`. */
  tag: string | null;
}

const defaultRevisions = { hf: 'main', modelscope: 'master' };
const maxReferenceLength = 1024;
const huggingFaceHosts = ['huggingface.co', 'www.huggingface.co', 'hf.co'];
const modelScopeHosts = [
  'modelscope.cn',
  'www.modelscope.cn',
  'modelscope.ai',
  'www.modelscope.ai',
];
const repositoryPart = /^[A-Za-z0-9][\w.-]{0,95}$/;
const revisionText = /^(?!.*\.\.)[A-Za-z0-9][\w./-]{0,199}$/;

/** The hosts of the configured endpoints (with port), whose URLs are references too. */
export interface EndpointHosts {
  hf: string;
  modelscope: string;
}

/**
 * Reads what a user typed: `hf/user/repo/file.rkllm`, `user/repo/file.rkllm`, `user/repo`,
 * `hf.co/…`, `modelscope/…`, full URLs, each with an optional `@revision`.
 * @throws ApplianceError `invalid_request`
 */
export function parseReference(text: string, endpoints: EndpointHosts): PullReference {
  if (text.trim() === '') throw malformed(text, 'it is empty');
  if (text.length > maxReferenceLength) {
    throw malformed(`${text.slice(0, 40)}…`, `it is longer than ${maxReferenceLength} characters`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\x00-\x1f\x7f\\]/.test(text)) {
    throw malformed(text, 'it contains a backslash or a control character');
  }
  const url = asUrl(text, endpoints);
  if (url) return fromUrl(text, url, endpoints);
  if (text.startsWith('/')) throw malformed(text, 'it is an absolute path');
  const segments = text.split('/');
  const hub = segments[0] === 'modelscope' ? 'modelscope' : 'hf';
  if (segments[0] === 'modelscope' || segments[0] === 'hf') segments.shift();
  return build(text, hub, segments, null);
}

/** The full form of a reference, the same for every spelling of it. */
export function formatReference(reference: PullReference): string {
  const path = reference.path === null ? '' : `/${reference.path}`;
  const tag = reference.tag === null ? '' : `:${reference.tag}`;
  const revision = reference.revision === null ? '' : `@${reference.revision}`;
  return `${reference.hub}/${reference.repository}${path}${tag}${revision}`;
}

/**
 * @returns null for the hub's default branch, so that it has one spelling
 * @throws ApplianceError `invalid_request`
 */
export function checkRevision(revision: string, hub: PullReference['hub']): string | null {
  if (revision === defaultRevisions[hub]) return null;
  if (revisionText.test(revision)) return revision;
  throw new ApplianceError(
    'invalid_request',
    `"${revision}" is not a revision: a branch, tag or commit is expected.`,
  );
}

function asUrl(text: string, endpoints: EndpointHosts): URL | null {
  const host = text.split('/', 1)[0] ?? '';
  const known = [...huggingFaceHosts, ...modelScopeHosts, endpoints.hf, endpoints.modelscope];
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    if (!/^https?:/i.test(text)) throw malformed(text, 'only http and https addresses are read');
    return URL.canParse(text) ? new URL(text) : null;
  }
  return known.includes(host.toLowerCase()) ? new URL(`https://${text}`) : null;
}

/** URL layouts: `/user/repo[/(resolve|blob|raw|tree)/rev[/path]]`, ModelScope's below `/models`. */
function fromUrl(text: string, url: URL, endpoints: EndpointHosts): PullReference {
  // The URL parser has already folded `..` away, so what the user typed is checked, not its result.
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(text)) throw malformed(text, 'it contains ".."');
  const host = url.host.toLowerCase();
  let segments: string[];
  try {
    segments = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    throw malformed(text, 'its percent-encoding is broken');
  }
  const isModelScope = modelScopeHosts.includes(host) || host === endpoints.modelscope;
  const isHuggingFace = huggingFaceHosts.includes(host) || host === endpoints.hf;
  if (isModelScope && segments[0] === 'models') {
    segments.shift();
    if (segments[2] === 'summary' || segments[2] === 'files') segments.length = 2;
    if (segments[2] === 'file' && segments[3] === 'view') segments.splice(2, 2, 'resolve');
  } else if (!isHuggingFace) {
    throw malformed(text, `models are not pulled from ${host}`);
  }
  const hub = isModelScope && !isHuggingFace ? 'modelscope' : 'hf';
  const [user = '', repo = '', verb = '', revision, ...path] = segments;
  if (['resolve', 'blob', 'raw', 'tree'].includes(verb) && revision !== undefined) {
    return build(text, hub, [user, repo, ...(verb === 'tree' ? [] : path)], revision);
  }
  return build(text, hub, segments, null);
}

function build(
  text: string,
  hub: PullReference['hub'],
  segments: string[],
  givenRevision: string | null,
): PullReference {
  const [user = '', repoText = '', ...rest] = segments;
  const repo = splitSuffixes(repoText);
  if (!repositoryPart.test(user) || !repositoryPart.test(repo.base) || repo.base.includes('..')) {
    throw malformed(text, 'it does not begin with user/repo');
  }
  if (rest.length === 0 && /\.rkllm$/i.test(repo.base)) {
    throw malformed(text, 'the repository is missing: user/repo/file.rkllm is expected');
  }
  const file = splitFileRevision(rest.join('/'));
  const revision = givenRevision ?? file.revision ?? repo.revision;
  const path = rest.length === 0 ? null : file.path;
  if (path !== null) {
    for (const segment of path.split('/')) checkPathSegment(segment, `the reference "${text}"`);
    if (!/[^/]\.rkllm$/i.test(path)) throw malformed(text, 'the file must end in .rkllm');
  }
  return {
    hub,
    repository: `${user}/${repo.base}`,
    path,
    revision: revision === null ? null : checkRevision(revision, hub),
    tag: path === null ? repo.tag : null,
  };
}

/** `repo:tag@revision`; `:latest` is what Ollama's clients append to every name. */
function splitSuffixes(text: string): {
  base: string;
  tag: string | null;
  revision: string | null;
} {
  const [, base = '', tag, revision] = /^([^:@]*)(?::([^@]*))?(?:@(.*))?$/.exec(text) ?? [];
  const isTag = tag !== undefined && tag !== '' && tag.toLowerCase() !== 'latest';
  return { base, tag: isTag ? tag : null, revision: revision ?? null };
}

function splitFileRevision(text: string): { path: string; revision: string | null } {
  const [, path = text, revision] = /^(.*\.rkllm)(?::latest)?(?:@(.+))?$/i.exec(text) ?? [];
  return { path, revision: revision ?? null };
}

function malformed(text: string, reason: string): ApplianceError {
  return new ApplianceError(
    'invalid_request',
    `"${text}" is not a model reference: ${reason}. Write user/repo/file.rkllm, user/repo, or the file's address on Hugging Face or ModelScope.`,
  );
}
