import { ApplianceError } from '../../errors.ts';
import type { PullContext } from './context.ts';
import { HostPolicy } from './hosts.ts';
import { HubClient } from './hub-client.ts';
import { HuggingFace } from './hugging-face.ts';
import { ModelScope } from './model-scope.ts';
import type { EndpointHosts } from './reference.ts';
import type { Transport } from './transport.ts';
import type { Tuning } from './tuning.ts';

/** Where models come from. */
export interface HubSettings {
  /** Base URL of Hugging Face or of a mirror; `https://huggingface.co` is the default. */
  endpoint?: string;
  /** Base URL of ModelScope; `https://modelscope.cn` is the default. */
  modelScopeEndpoint?: string;
  /** `HF_TOKEN`; sent to `endpoint` and nowhere else. */
  token?: string | undefined;
  /** More hosts that downloads may be redirected to: `host`, `.domain` or `host:port`. */
  allowedHosts?: readonly string[];
}

export interface HubAccess extends Pick<PullContext, 'client' | 'hubs'> {
  /** Hugging Face's, without a slash at its end. */
  endpoint: string;
  hosts: EndpointHosts;
}

/** @throws ApplianceError `invalid_request` for an endpoint that is no address */
export function hubAccess(settings: HubSettings, transport: Transport, tuning: Tuning): HubAccess {
  const endpoint = baseUrl(settings.endpoint ?? 'https://huggingface.co');
  const modelScope = baseUrl(settings.modelScopeEndpoint ?? 'https://modelscope.cn');
  const client = new HubClient({
    hosts: new HostPolicy([endpoint, modelScope], settings.allowedHosts ?? []),
    token: settings.token,
    tokenOrigin: endpoint.origin,
    transport,
    tuning,
  });
  return {
    endpoint: withoutSlash(endpoint),
    hosts: { hf: endpoint.host, modelscope: modelScope.host },
    client,
    hubs: {
      hf: new HuggingFace(withoutSlash(endpoint), client),
      modelscope: new ModelScope(withoutSlash(modelScope), client),
    },
  };
}

function baseUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:\/\//i.test(text)) return new URL(text);
  throw new ApplianceError(
    'invalid_request',
    `"${text}" is not an http or https address of a hub.`,
  );
}

function withoutSlash(url: URL): string {
  return url.href.replace(/\/+$/, '');
}
