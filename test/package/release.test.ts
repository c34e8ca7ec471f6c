/** The conditions for a release, and the workflows that check them. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { tempFolder } from './temp.js';

const folder = tempFolder();
const GOOD = {
  version: '1.2.3',
  repository: { type: 'git', url: 'git+https://forge.example/a/totp-token.git' },
  bugs: 'https://forge.example/a/totp-token/issues',
  homepage: 'https://forge.example/a/totp-token#readme',
};

function check(
  manifest: object,
  tag = 'v1.2.3',
  changes = '# Changelog\n\n## [1.2.3] - 2026-01-31\n',
) {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'CHANGELOG.md'), changes);
  const args = [join(ROOT, 'tools', 'check-release.mjs'), tag, folder];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stderr };
}

describe('a release', () => {
  it('passes when all fields, the tag and the changes are there', () => {
    expect(check(GOOD)).toEqual({ status: 0, stderr: '' });
  });

  it.each([
    ['repository', /no repository: write/],
    ['bugs', /no bugs: write/],
    ['homepage', /no homepage: write/],
  ])('needs the field %s of package.json', (field, message) => {
    const { status, stderr } = check({ ...GOOD, [field]: undefined });
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('needs the tag of its version and a list of changes', () => {
    expect(check(GOOD, 'v1.2.4').stderr).toMatch(/the tag is v1\.2\.4/);
    expect(check(GOOD, 'v1.2.3', '# Changelog\n').stderr).toMatch(/no section \[1\.2\.3\]/);
  });

  it('needs documents that do not deny it', () => {
    const readme = join(folder, 'README.md');
    writeFileSync(readme, 'Nothing is published\non npm yet.\n');
    expect(check(GOOD).stderr).toMatch(/README\.md says that nothing is published/);
    writeFileSync(readme, '    npm install totp-token\n');
    expect(check(GOOD)).toEqual({ status: 0, stderr: '' });
  });
});

const workflows = join(ROOT, '.github', 'workflows');
describe.each(readdirSync(workflows))('%s', (name) => {
  const text = readFileSync(join(workflows, name), 'utf8');

  it('pins every action by its commit', () => {
    const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action = '']) => action);
    expect(uses).not.toEqual([]);
    expect(uses.filter((action) => !/^[\w/-]+@[0-9a-f]{40} # v\d/.test(action))).toEqual([]);
  });

  it('runs scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const commands = [...text.matchAll(/npm run (?:--\S+ )*([\w:]+)/g)].map(
      ([, command = '']) => command,
    );
    expect(commands.filter((command) => !Object.hasOwn(scripts, command))).toEqual([]);
  });
});
