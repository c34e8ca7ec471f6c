import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { tokenCredentials, XToken } from '../../../../src/xmpp/index.js';
import { base64, messageOf } from './harness.js';

describe('XToken', () => {
  it('has its name and order on the prototype, where the factory of xmpp.js looks', () => {
    expect([XToken.prototype.name, XToken.prototype.clientFirst]).toEqual(['X-TOKEN', true]);
  });

  it('responds in UTF-8, with one character for each byte', () => {
    const response = new XToken().response({
      username: 'zoë',
      password: 'token',
      authzid: 'zoë@example.com',
    });
    expect(btoa(response)).toBe(base64(messageOf('zoë@example.com', 'zoë', 'token')));
  });

  it('takes a challenge without an answer of its own', () => {
    const mechanism = new XToken();
    expect(mechanism.challenge()).toBe(mechanism);
  });

  it('accepts fields of 1023 bytes', () => {
    const [authzid, username, password] = ['a', 'b', 'c'].map((char) => char.repeat(1023)) as [
      string,
      string,
      string,
    ];
    expect(new XToken().response({ authzid, username, password })).toBe(
      `${authzid}\0${username}\0${password}`,
    );
  });

  for (const [field, credentials] of [
    ['username', { username: null, password: 'secret' }],
    ['username', { username: '', password: 'secret' }],
    ['username', { username: 'a\0b', password: 'secret' }],
    ['username', { username: 'a\uD800', password: 'secret' }],
    ['username', { username: 'é'.repeat(512), password: 'secret' }],
    ['token', { username: 'alice', password: 'secret\0' }],
    ['token', { username: 'alice', password: '' }],
    ['token', { username: 'alice', password: undefined }],
    ['token', { username: 'alice', password: 'secret'.repeat(1 << 20) }],
    ['authzid', { username: 'alice', password: 'secret', authzid: 'a\0b' }],
  ] as const) {
    it(`names ${field} as the fault of ${inspect(credentials).slice(0, 60)}, and shows no token`, () => {
      const respond = () => new XToken().response(credentials as never);
      expect(respond).toThrow(TypeError);
      expect(respond).toThrow(new RegExp(`^${field}: must be text`));
      expect(respond).not.toThrow('secret');
    });
  }
});

describe('tokenCredentials', () => {
  it('fetches name and token anew for each connection', async () => {
    let count = 0;
    const authenticate = vi.fn(async () => {});
    const credentials = tokenCredentials(
      async () => `alice${count}`,
      () => `token ${++count}`,
    );
    for (let i = 0; i < 2; i++)
      await credentials(authenticate, ['X-TOKEN'], null, { isSecure: () => true });
    expect(authenticate.mock.calls).toEqual([
      [{ username: 'alice0', password: 'token 1' }, 'X-TOKEN', undefined],
      [{ username: 'alice1', password: 'token 2' }, 'X-TOKEN', undefined],
    ]);
  });

  it.each([[undefined], [{}], [{ isSecure: () => false }], [{ isSecure: () => 'yes' }]])(
    'fetches no token for a connection that does not say it is encrypted: %s',
    async (entity) => {
      const fetchToken = vi.fn(() => 'token');
      const sent = tokenCredentials('alice', fetchToken)(
        vi.fn(),
        ['X-TOKEN'],
        null,
        entity as never,
      );
      await expect(sent).rejects.toThrow('not encrypted');
      expect(fetchToken).not.toHaveBeenCalled();
    },
  );

  for (const [options, field] of [
    [{ allowUnencryptd: true }, 'options.allowUnencryptd'],
    [null, 'options'],
    [true, 'options'],
  ] as const) {
    it(`throws at once an error that names ${field} for the options ${inspect(options)}`, () => {
      expect(() => tokenCredentials('alice', () => 'secret', options as never)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION', field }),
      );
    });
  }
});
