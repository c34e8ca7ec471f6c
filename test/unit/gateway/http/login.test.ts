/** Where people are sent to log in, and back: to the addresses of a list and nowhere else. */
import { describe, expect, it } from 'vitest';
import { Login } from '../../../../src/gateway/http/login.js';
import { DEFAULT_SETTINGS } from '../../../../src/gateway/settings.js';

const SETTINGS = {
  ...DEFAULT_SETTINGS,
  loginUrl: 'https://login.example.com/',
  allowedOrigins: ['https://app.example.com', 'http://localhost:9000', 'https://[::1]:8443'],
};
const login = new Login(SETTINGS);

describe('an address to come back to', () => {
  it.each([
    ['https://app.example.com/', 'https://app.example.com/'],
    ['https://app.example.com', 'https://app.example.com/'],
    ['HTTPS://APP.EXAMPLE.COM/Page', 'https://app.example.com/Page'],
    ['https://app.example.com:443/a', 'https://app.example.com/a'],
    ['https://app.example.com/a/../b?x=1&y=//z#part', 'https://app.example.com/b?x=1&y=//z#part'],
    ['https://app.example.com//evil.example/', 'https://app.example.com//evil.example/'],
    [
      'https://app.example.com/?next=https://evil.example',
      'https://app.example.com/?next=https://evil.example',
    ],
    [
      'https://app.example.com/%0d%0aSet-Cookie:%20a=b',
      'https://app.example.com/%0d%0aSet-Cookie:%20a=b',
    ],
    ['http://localhost:9000/x', 'http://localhost:9000/x'],
    ['https://[0:0:0:0:0:0:0:1]:8443/x', 'https://[::1]:8443/x'],
    [`https://app.example.com/${'a'.repeat(2000)}`, `https://app.example.com/${'a'.repeat(2000)}`],
  ])('of an allowed origin is taken in one spelling: %s', (address, expected) => {
    expect(login.allowed(address)).toBe(expected);
  });

  it.each([
    ['nothing', ''],
    ['a path', '/page'],
    ['a network path', '//evil.example/'],
    ['a path with a backslash', '/\\evil.example/'],
    ['two backslashes', '\\\\evil.example/'],
    ['a backslash for a slash', 'https:\\\\app.example.com/'],
    ['a backslash behind the host', 'https://app.example.com\\@evil.example/'],
    ['a backslash in the path', 'https://app.example.com/\\evil.example'],
    ['another host', 'https://evil.example/'],
    ['a host that begins alike', 'https://app.example.com.evil.example/'],
    ['a host that ends alike', 'https://evilapp.example.com/'],
    ['a dot behind the host', 'https://app.example.com./'],
    ['a subdomain', 'https://a.app.example.com/'],
    ['the parent domain', 'https://example.com/'],
    ['a user', 'https://app.example.com@evil.example/'],
    ['a user of an allowed host', 'https://alice@app.example.com/'],
    ['a password of an allowed host', 'https://:x@app.example.com/'],
    ['an encoded slash before a user', 'https://app.example.com%2f@evil.example/'],
    ['an encoded host', 'https://app.example.com%2eevil.example/'],
    ['an encoded address', 'https%3a%2f%2fapp.example.com/'],
    ['another port', 'https://app.example.com:8443/'],
    ['the port of another scheme', 'https://app.example.com:80/'],
    ['another scheme', 'http://app.example.com/'],
    ['one slash', 'https:/app.example.com/'],
    ['three slashes', 'https:///evil.example/'],
    ['three slashes before an allowed host', 'https:///app.example.com/x'],
    ['a script', 'javascript:alert(1)//https://app.example.com/'],
    ['data', 'data:text/html,https://app.example.com/'],
    ['a blob of an allowed origin', 'blob:https://app.example.com/x'],
    ['a file', 'file://app.example.com/x'],
    ['a space before it', ' https://app.example.com/'],
    ['a space in it', 'https://app.example.com/a b'],
    ['a tab in the host', 'https://app.example.com\t.evil.example/'],
    ['a tab in the scheme', 'ht\ttps://app.example.com/'],
    ['a line feed', 'https://app.example.com/\nSet-Cookie: a=b'],
    ['CR and LF', 'https://app.example.com/\r\nSet-Cookie: a=b'],
    ['a NUL', 'https://app.example.com/\0'],
    ['a DEL', 'https://app.example.com/\x7f'],
    ['a C1 control character', 'https://app.example.com/\x85'],
    ['letters beyond ASCII', 'https://app.example.com/ü'],
    ['a full-width letter in the host', 'https://ａpp.example.com/'],
    ['an ideographic full stop in the host', 'https://app。example.com/'],
    ['a long text', `https://app.example.com/${'a'.repeat(2048)}`],
    ['two addresses', 'https://app.example.com/, https://evil.example/'],
    ['an IPv6 address with a zone', 'https://[::1%25lo]:8443/'],
    ['an IPv4 address in hex for another host', 'https://0x7f000001/'],
  ])('is refused if it is %s', (_what, address) => {
    expect(login.allowed(address)).toBeUndefined();
    expect(login.location(address)).toBe('https://login.example.com/');
  });

  it('is percent-encoded as one parameter of the login page', () => {
    const location = login.location('https://app.example.com/a?b=1&c=%26#d')!;
    expect(location).toBe(
      'https://login.example.com/?return_to=https%3A%2F%2Fapp.example.com%2Fa%3Fb%3D1%26c%3D%2526%23d',
    );
    const { searchParams } = new URL(location);
    expect([...searchParams]).toEqual([['return_to', 'https://app.example.com/a?b=1&c=%26#d']]);
  });

  it('comes beside the parameters that the login page has, and beside the failure', () => {
    const other = new Login({
      ...SETTINGS,
      loginUrl: 'https://login.example.com/in?tenant=1',
      loginParameter: 'next',
    });
    expect(other.location('https://app.example.com/a', 'rejected')).toBe(
      'https://login.example.com/in?tenant=1&next=https%3A%2F%2Fapp.example.com%2Fa&error=rejected',
    );
    expect(other.location(undefined, 'unavailable')).toBe(
      'https://login.example.com/in?tenant=1&error=unavailable',
    );
  });

  it('is nowhere by default', () => {
    const none = new Login(DEFAULT_SETTINGS);
    expect(none.location('https://app.example.com/')).toBeUndefined();
    expect([none.home, none.allowed('https://app.example.com/')]).toEqual([undefined, undefined]);
  });
});

describe('the settings of a login', () => {
  it.each([
    ['loginUrl', { loginUrl: '/login' }],
    ['loginUrl', { loginUrl: 'javascript:alert(1)' }],
    ['loginUrl', { loginUrl: 'https://a:b@login.example.com/' }],
    ['loginUrl', { loginUrl: 'https://login.example.com/#in' }],
    ['allowedOrigins', { allowedOrigins: [] }],
    ['allowedOrigins[0]', { allowedOrigins: ['*'] }],
    ['allowedOrigins[0]', { allowedOrigins: ['null'] }],
    ['allowedOrigins[0]', { allowedOrigins: ['https://*.example.com'] }],
    ['allowedOrigins[1]', { allowedOrigins: ['https://app.example.com', 'app.example.com'] }],
    ['allowedOrigins[0]', { allowedOrigins: ['https://app.example.com/'] }],
    ['allowedOrigins[0]', { allowedOrigins: ['https://App.example.com'] }],
    ['allowedOrigins[0]', { allowedOrigins: ['https://app.example.com:443'] }],
    ['loginParameter', { loginParameter: '' }],
    ['loginParameter', { loginParameter: 'a&b' }],
    ['loginParameter', { loginParameter: 'jid' }],
    ['loginParameter', { loginParameter: 'token' }],
    ['loginParameter', { loginParameter: 'error' }],
  ])('are refused with the field %s: %j', (field, change) => {
    expect(() => new Login({ ...SETTINGS, ...change })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', field }),
    );
  });
});
