/** What Ollama's API has and this appliance has not, each told in words. */
import { ApplianceError } from '../../../errors.ts';
import type { Handler } from '../../routing.ts';

export function assertNoLogprobs(wanted: boolean | null | undefined): void {
  if (wanted) {
    throw new ApplianceError(
      'unsupported',
      'logprobs: the NPU runtime does not give the probabilities of tokens. Leave the field out.',
    );
  }
}

/** `HEAD /api/blobs/:digest`: there are none. */
export const blobMissing: Handler = (_request, response) => {
  response.status(404).json({ error: 'blob not found' });
};

/** `POST /api/blobs/:digest`: answered before the file is read. */
export const refuseBlob: Handler = () => {
  throw new ApplianceError(
    'unsupported',
    'This appliance takes no blobs: GGUF and safetensors files do not run on the NPU. Pull a .rkllm ' +
      'model (user/repo/file.rkllm), or copy the file into the models folder.',
  );
};

/** `POST /api/push` */
export const refusePush: Handler = () => {
  throw new ApplianceError(
    'unsupported',
    'This appliance does not publish models: there is no registry that it could push to.',
  );
};
