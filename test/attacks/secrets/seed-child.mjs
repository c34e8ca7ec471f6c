// Decodes a seed in every way that the library has, lets go of it, and waits to be looked at.
const [dist] = process.argv.slice(2);
const { createTotp, createVerifier, createIssuer, totp, hotp, parseOtpauthUri } = await import(
  `${dist}/index.js`
);
let seed = process.env.SEED;
delete process.env.SEED;
const hosts = { 'example.com': { otpSeed: seed, tokenSecret: 'a secret of enough characters' } };
for (const make of [createVerifier, createIssuer]) (await make({ hosts })).dispose();
createTotp({ secret: seed }).dispose();
totp({ secret: seed });
hotp({ secret: seed, counter: 1 });
try {
  createTotp({ secret: seed, digits: 99 });
} catch {}
try {
  parseOtpauthUri(`otpauth://totp/a?secret=${seed}&digits=5`);
} catch {}
const late = { otpSeed: seed, tokenSecret: '' };
await createVerifier({ hosts: { 'example.com': [hosts['example.com'], late] } }).catch(() => {});
seed = undefined;
for (let i = 0; i < 5; i++) globalThis.gc?.();
process.stdout.write('ready\n');
process.stdin.resume();
