import path from 'node:path';
import { ApplianceError } from '../../errors.ts';

/** Where a pull lands: `<folder>/<name>/<file>`, and the two files it lives in until then. */
export interface PullTarget {
  /** `<name>/<file>` */
  id: string;
  name: string;
  file: string;
  modelFolder: string;
  finalPath: string;
  partialPath: string;
  sidecarPath: string;
}

/** Room for `.partial.json.tmp` below the file systems' limit of 255 bytes. */
const maxFileNameBytes = 236;

/** @throws ApplianceError `invalid_request` when the name could leave the models folder */
export function pullTarget(folder: string, repositoryPath: string, name?: string): PullTarget {
  const file = path.posix.basename(repositoryPath);
  checkPathSegment(file, 'the file name');
  const modelName = (name ?? file).replace(/:latest$/, '').replace(/\.rkllm$/i, '');
  checkPathSegment(modelName, 'the model name');
  return targetAt(folder, modelName, file);
}

/** The target for names that are already known to be safe: they come out of the folder itself. */
export function targetAt(folder: string, name: string, file: string): PullTarget {
  const modelFolder = path.join(path.resolve(folder), name);
  const finalPath = path.join(modelFolder, file);
  return {
    id: `${name}/${file}`,
    name,
    file,
    modelFolder,
    finalPath,
    partialPath: `${finalPath}.partial`,
    sidecarPath: `${finalPath}.partial.json`,
  };
}

/**
 * One path segment that is safe to create below the models folder.
 * @throws ApplianceError `invalid_request`
 */
export function checkPathSegment(segment: string, what: string): void {
  const problem = segmentProblem(segment);
  if (problem) throw new ApplianceError('invalid_request', `In ${what}: ${problem}.`);
}

function segmentProblem(segment: string): string | null {
  if (segment === '') return 'a part is empty';
  if (segment.startsWith('.')) return `"${segment}" begins with a dot`;
  if (segment !== segment.trim()) return `"${segment}" begins or ends with a space`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\x00-\x1f\x7f/\\]/.test(segment)) return 'a slash or a control character is not allowed';
  if (Buffer.byteLength(segment) > maxFileNameBytes) {
    return `a part is longer than ${maxFileNameBytes} bytes`;
  }
  return null;
}
