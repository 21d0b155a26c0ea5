import * as z from 'zod';
import { listOf, path, token, webAddress } from '../kinds.ts';
import { setting } from '../setting.ts';

export const hub = {
  hubEndpoint: setting({
    key: 'hub.endpoint',
    environment: ['RKLLAMA_HUB_ENDPOINT', 'HF_ENDPOINT'],
    flag: 'hub-endpoint',
    title: 'Hugging Face, or a mirror of it',
    description: 'Models are searched there and pulled from there.',
    kind: webAddress,
    fallback: 'https://huggingface.co',
    reload: 'live',
  }),
  modelScopeEndpoint: setting({
    key: 'hub.modelscope_endpoint',
    environment: ['RKLLAMA_MODELSCOPE_ENDPOINT'],
    flag: 'modelscope-endpoint',
    title: 'ModelScope, or a mirror of it',
    description: 'What begins with modelscope/ (modelscope/user/repo) is pulled from there.',
    kind: webAddress,
    fallback: 'https://modelscope.cn',
    reload: 'live',
  }),
  allowedHosts: setting<string[]>({
    key: 'hub.allowed_hosts',
    environment: ['RKLLAMA_HUB_ALLOWED_HOSTS'],
    flag: 'hub-allowed-hosts',
    title: 'More hosts that downloads may come from',
    description:
      'A hub sends downloads to its own content hosts, which are known. An entry is host, host:port, or .domain for all hosts below.',
    kind: listOf('host names', z.string().regex(/^\.?[a-zA-Z0-9.-]+(?::\d+)?$/)),
    fallback: [],
    example: ['cdn.example.org'],
    reload: 'live',
  }),
  hubToken: setting({
    key: 'hub.token',
    environment: ['RKLLAMA_HUB_TOKEN', 'HF_TOKEN'],
    flag: null,
    title: 'Token for gated and private models',
    description: 'It is better kept in a file of its own: token_file.',
    kind: token,
    fallback: undefined,
    example: 'hf_...',
    reload: 'live',
    secret: true,
  }),
  hubTokenFile: setting({
    key: 'hub.token_file',
    environment: ['RKLLAMA_HUB_TOKEN_FILE'],
    flag: 'hub-token-file',
    title: 'File with the token for gated and private models',
    description:
      'Only its owner and group may read it. Left out, the systemd credential hub-token is used where there is one.',
    kind: path,
    fallback: undefined,
    example: '/etc/rkllamad/hub-token',
    reload: 'live',
  }),
};
