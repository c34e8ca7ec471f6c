import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { editKeyFile } from '../../../src/keyfile/edit.js';
import type { HostEdit } from '../../../src/keyfile/edit-types.js';

const NEW = { otpSeed: 'N'.repeat(32), tokenSecret: 'S' };
const T = Date.UTC(2026, 0, 31, 12);
const edit = (
  text: string,
  keys: HostEdit['keys'],
  host = 'a.b',
  format = 'toml' as 'toml' | 'json',
) => editKeyFile('k', text, format, { host, keys });

const TOML = `# our keys
period = 30

# A's first key, of 2024
[[hosts."a.b"]] # signs
otpSeed = "A1" # from Prosody
tokenSecret = "one"

# A's second key
[[hosts."a.b"]]
otpSeed = "A2"
tokenSecret = "two"

# B
[hosts."b.c"]
otpSeed = "B"
tokenSecret = "three # not a comment"

[window]
past = 2
`;

describe('a TOML file', () => {
  it('keeps comments with the keys that they stand at when keys change places', () => {
    const { text, lostComments } = edit(TOML, [{ from: 1 }, { from: 0, retireAfter: T }]);
    expect(lostComments).toBe(0);
    expect(text).toBe(`# our keys
period = 30

# A's second key
[[hosts."a.b"]]
otpSeed = "A2"
tokenSecret = "two"

# A's first key, of 2024
[[hosts."a.b"]] # signs
otpSeed = "A1" # from Prosody
tokenSecret = "one"
retireAfter = "2026-01-31T12:00:00Z"

# B
[hosts."b.c"]
otpSeed = "B"
tokenSecret = "three # not a comment"

[window]
past = 2
`);
  });

  it('gets a further key behind the last of its host, and a new host at its end', () => {
    const further = edit(TOML, [{ from: 0 }, { from: undefined, keys: NEW, issueAfter: T }], 'b.c');
    expect(further.text).toContain(`# B
[[hosts."b.c"]]
otpSeed = "B"
tokenSecret = "three # not a comment"

[[hosts."b.c"]]
otpSeed = "${NEW.otpSeed}"
tokenSecret = "S"
issueAfter = "2026-01-31T12:00:00Z"

[window]`);
    const added = edit(TOML, [{ from: undefined, keys: NEW }], 'x "y"');
    expect(added.text.startsWith(TOML)).toBe(true);
    expect(parseToml(added.text)).toMatchObject({ hosts: { 'x "y"': NEW } });
  });

  it('says how many comments went with a key that is taken out', () => {
    const { text, lostComments } = edit(TOML, [{ from: 1 }]);
    expect(lostComments).toBe(3);
    expect(text).toBe(TOML.replace(/# A's first.*?\n\n/s, ''));
    expect(edit(TOML, [], 'a.b').text).not.toContain('a.b');
  });

  it('keeps line ends of Windows', () => {
    const { text } = edit(TOML.replaceAll('\n', '\r\n'), [{ from: 1 }, { from: 0 }]);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it.each([
    ['inline', 'hosts = { "a.b" = { otpSeed = "A", tokenSecret = "t" } }\n'],
    ['dotted', 'hosts."a.b".otpSeed = "A"\nhosts."a.b".tokenSecret = "t"\n'],
    ['in a table of all hosts', '[hosts]\n"a.b" = { otpSeed = "A", tokenSecret = "t" }\n'],
  ])(
    'in another layout (%s) is written anew without comments, and refused with them',
    (_, text) => {
      const keys = [{ from: 0 }, { from: undefined, keys: NEW }];
      expect(parseToml(edit(text, keys).text)).toEqual({
        hosts: { 'a.b': [{ otpSeed: 'A', tokenSecret: 't' }, NEW] },
      });
      expect(() => edit(`# precious\n${text}`, keys)).toThrow(
        /^key file k: its layout cannot be changed without losing comments; /,
      );
    },
  );

  it('is refused where a text only looks like a table, and not changed wrongly', () => {
    const tricky = `[hosts."a.b"]\notpSeed = "A"\ntokenSecret = """\n[hosts."a.b"]\n# no comment"""\n`;
    expect(() => edit(tricky, [{ from: 0 }, { from: undefined, keys: NEW }])).toThrow(/layout/);
  });
});

describe('a JSON file', () => {
  it.each([
    ['two spaces', '  ', '\n', '\n'],
    ['tabs', '\t', '\n', ''],
    ['line ends of Windows', '    ', '\r\n', '\r\n'],
  ])('keeps its layout: %s', (_, indent, end, last) => {
    const key = { otpSeed: 'A', tokenSecret: 't' };
    const document = (keys: unknown) =>
      JSON.stringify({ digits: 6, hosts: { 'b.c': key, 'a.b': keys } }, null, indent).replaceAll(
        '\n',
        end,
      ) + last;
    const { text } = edit(
      document(key),
      [{ from: undefined, keys: NEW }, { from: 0 }],
      'a.b',
      'json',
    );
    expect(text).toBe(document([NEW, key]));
  });
});
