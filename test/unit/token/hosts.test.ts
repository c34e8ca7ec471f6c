import { describe, expect, it } from 'vitest';
import type { HostKeys, TokenVerifier } from '../../../src/index.js';
import { harness } from './harness.js';
import { KEYS, tokenOf } from './reference.js';

const keysOf = (domain: string): HostKeys => ({ ...KEYS, tokenSecret: `the secret of ${domain}` });

/** Verifies a token of each domain that its own key signed, and one that another domain's did. */
function check(verifier: TokenVerifier, domains: readonly string[], nonce = 0): void {
  for (const [i, domain] of domains.entries()) {
    const jid = `alice@${domain}`;
    const own = verifier.verify(jid, tokenOf({ keys: keysOf(domain), jid, nonce }));
    expect(own.code, domain).toBe('accepted');
    const other = domains[(i + 1) % domains.length] as string;
    if (other === domain) continue;
    const foreign = verifier.verify(jid, tokenOf({ keys: keysOf(other), jid, nonce: nonce + 1 }));
    expect(foreign.code, `${domain} by the key of ${other}`).toBe('bad-signature');
  }
}

describe('a verifier of many hosts', () => {
  it('finds each of 5,000, also names that begin with each other', async () => {
    const { verifier } = await harness({ hosts: {}, replay: { capacity: 10_000 } });
    // Each a prefix of the next, of every length up to a domain's limit; then numbers; then
    // subdomains of each other.
    const domains = [
      ...Array.from({ length: 1023 }, (_, i) => 'a'.repeat(i + 1)),
      ...Array.from({ length: 3877 }, (_, i) => `host${i}`),
      ...Array.from({ length: 100 }, (_, i) => `${'x.'.repeat(i)}example.com`),
    ];
    expect(domains).toHaveLength(5000);
    for (const domain of domains) verifier.setHost(domain, keysOf(domain));
    expect(verifier.hosts).toEqual(domains);
    check(verifier, domains);

    // Every other one goes; the rest are found as before, whatever chains they hang in.
    for (let i = 0; i < domains.length; i += 2) expect(verifier.removeHost(domains[i]!)).toBe(true);
    for (const [i, domain] of domains.entries()) {
      const jid = `alice@${domain}`;
      const { code } = verifier.verify(jid, tokenOf({ keys: keysOf(domain), jid, nonce: 9 }));
      expect(code, domain).toBe(i % 2 === 0 ? 'unknown-host' : 'accepted');
    }
  });

  it('compares the whole name of a domain, not its beginning or end', async () => {
    const { verifier } = await harness();
    for (const domain of [
      'example.co',
      'example.comx',
      'xexample.com',
      'example.com.',
      'example.com\0',
      'example.com/r',
      'example.com@example.com',
      'bob@example.com',
      'EXAMPLE.COM',
      'example_com',
      'com',
      '',
    ]) {
      const jid = `alice@${domain}`;
      const code = domain === '' || /[@/]/.test(domain) ? 'malformed' : 'unknown-host';
      expect(verifier.verify(jid, tokenOf({ jid })).code, domain).toBe(code);
      // Once more right after the real one, which is found again without a search.
      verifier.verify('alice@example.com', tokenOf());
      expect(verifier.verify(jid, tokenOf({ jid })).code, domain).toBe(code);
    }
  });

  it('takes characters that a localpart may not have, as in an IPv6 address', async () => {
    const domain = '[2001:db8::1]';
    const { verifier } = await harness({ hosts: { [domain]: KEYS } });
    for (const localpart of ['a', 'alice', 'a'.repeat(15), 'a'.repeat(16), 'a'.repeat(40)]) {
      const jid = `${localpart}@${domain}`;
      expect(verifier.verify(jid, tokenOf({ jid })).code).toBe('accepted');
    }
    for (const char of ` "&':<>\0\x7f`) {
      const jid = `a@b${char}c`;
      expect(verifier.verify(jid, tokenOf({ jid })).code, JSON.stringify(char)).toBe(
        'unknown-host',
      );
    }
    for (const char of '/@') {
      const jid = `a@b${char}c`;
      expect(verifier.verify(jid, tokenOf({ jid })).code, char).toBe('malformed');
    }
  });

  it('verifies tokens of many hosts in turn and in one batch', async () => {
    const domains = Array.from({ length: 40 }, (_, i) => `h${i}.example`);
    const hosts = Object.fromEntries(domains.map((domain) => [domain, keysOf(domain)]));
    const { verifier } = await harness({ hosts });
    const jids = Array.from({ length: 400 }, (_, i) => `user${i}@${domains[(i * 7) % 40]}`);
    const tokens = jids.map((jid, nonce) =>
      tokenOf({ keys: keysOf(jid.split('@')[1]!), jid, nonce }),
    );
    expect(verifier.verifyBatch(jids, tokens).accepted).toBe(400);
    expect(jids.map((jid, i) => verifier.verify(jid, tokens[i]!).code)).toEqual(
      jids.map(() => 'replayed'),
    );
  });
});

describe('setHost and removeHost', () => {
  it('keep the list of hosts', async () => {
    const { verifier } = await harness();
    expect(verifier.hosts).toEqual(['example.com']);
    verifier.setHost('other.example', KEYS);
    verifier.setHost('example.com', KEYS);
    expect([...verifier.hosts].sort()).toEqual(['example.com', 'other.example']);
    expect(verifier.removeHost('example.com')).toBe(true);
    expect(verifier.removeHost('example.com')).toBe(false);
    expect(verifier.removeHost('never.example')).toBe(false);
    expect(verifier.hosts).toEqual(['other.example']);
  });

  it('compare hosts without the case of ASCII letters', async () => {
    const { verifier } = await harness({ hosts: { 'Example.COM': KEYS } });
    expect(verifier.hosts).toEqual(['example.com']);
    expect(verifier.verify('alice@example.com', tokenOf()).code).toBe('accepted');
    verifier.setHost('EXAMPLE.com', keysOf('example.com'));
    expect(verifier.hosts).toEqual(['example.com']);
    expect(verifier.removeHost('exAMPle.com')).toBe(true);
    expect(verifier.hosts).toEqual([]);
  });

  it('leave the list of the caller as it was', async () => {
    const keys = [keysOf('a'), KEYS];
    const { verifier } = await harness({ hosts: { 'example.com': keys } });
    keys.reverse();
    expect(verifier.verify('alice@example.com', tokenOf())).toMatchObject({
      code: 'accepted',
      keyIndex: 1,
    });
    (verifier.hosts as string[]).length = 0;
    expect(verifier.hosts).toEqual(['example.com']);
  });

  it('make the token of a removed host unknown-host even right after one was accepted', async () => {
    const { verifier } = await harness();
    verifier.verify('alice@example.com', tokenOf());
    verifier.removeHost('example.com');
    expect(verifier.verify('alice@example.com', tokenOf({ nonce: 1 })).code).toBe('unknown-host');
  });

  it('find a host that was set after a token for it was rejected', async () => {
    const { verifier } = await harness({ hosts: {} });
    expect(verifier.verify('alice@example.com', tokenOf()).code).toBe('unknown-host');
    verifier.setHost('example.com', KEYS);
    expect(verifier.verify('alice@example.com', tokenOf()).code).toBe('accepted');
  });

  it('leave every well-formed token unknown-host without any host', async () => {
    const { verifier } = await harness({ hosts: {} });
    expect(verifier.hosts).toEqual([]);
    expect(verifier.verify('alice@example.com', tokenOf()).code).toBe('unknown-host');
    expect(verifier.verify('alice@example.com', 'nonsense').code).toBe('malformed');
  });
});
