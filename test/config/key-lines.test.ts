import { describe, expect, it } from 'vitest';
import { keyLines } from '../../src/config/key-lines.ts';

const toml = `# port = 0
top = 1
server.port = 2

[models] # a section
folder = "[not a section]"
pinned = [
  "a = b", # ]
  "c",
]
keep_alive = """
level = "no key"
"""
'quoted' = { port = 1 }

[ "log" ]
level = 'x'
`;

describe('keyLines', () => {
  it('finds the line of every key, and none in texts, lists and comments', () => {
    expect(Object.fromEntries(keyLines(toml))).toEqual({
      top: 2,
      server: 3,
      'server.port': 3,
      models: 5,
      'models.folder': 6,
      'models.pinned': 7,
      'models.keep_alive': 11,
      'models.quoted': 14,
      log: 16,
      'log.level': 17,
    });
  });
});
