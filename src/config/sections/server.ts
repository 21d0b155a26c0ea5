import { host, path, pathOrNone, wholeNumber } from '../kinds.ts';
import { setting } from '../setting.ts';

export const server = {
  host: setting({
    key: 'server.host',
    environment: ['RKLLAMA_HOST'],
    flag: 'host',
    title: 'Address to listen on',
    description:
      '127.0.0.1 serves this machine only, 0.0.0.0 the whole network (:: over IPv6, too). On a network make keys first: rkllama keys add.',
    kind: host,
    fallback: '127.0.0.1',
    packaged: '0.0.0.0',
    reload: 'restart',
  }),
  port: setting({
    key: 'server.port',
    environment: ['RKLLAMA_PORT'],
    flag: 'port',
    title: 'TCP port',
    description: '0 takes a free one. Ollama has 11434.',
    kind: wholeNumber(0, 65535),
    fallback: 8080,
    reload: 'restart',
  }),
  home: setting({
    key: 'server.home',
    environment: ['RKLLAMA_HOME'],
    flag: 'home',
    title: 'Folder of the appliance',
    description: 'models/, runtime/ and cache/ are in it.',
    kind: path,
    fallback: '~/RKLLAMA',
    reload: 'restart',
  }),
  adminSocket: setting({
    key: 'server.admin_socket',
    environment: ['RKLLAMA_ADMIN_SOCKET'],
    flag: 'admin-socket',
    title: 'Socket of the command line',
    description:
      'Whoever may open this Unix socket administrates rkllamad without a key; "none" opens no socket. Left out, it is /run/rkllamad/admin.sock where that folder can be written, else admin.sock in the folder of the appliance.',
    kind: pathOrNone,
    fallback: undefined,
    example: '/run/rkllamad/admin.sock',
    reload: 'restart',
  }),
};
