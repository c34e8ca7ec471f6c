import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Whether npm puts a file into the package, or all files of a folder. */
const isShipped = (path: string) =>
  [...manifest.files, 'README.md'].some((entry) => path === entry || path.startsWith(`${entry}/`));

const documents = ['.', 'docs']
  .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => join(folder, name)))
  .filter((name) => name.endsWith('.md'));

/** The anchors of a document's headings, as GitHub makes them. */
const anchorsOf = (name: string) =>
  [...readFileSync(join(ROOT, name), 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(documents)('%s', (name) => {
  const text = readFileSync(join(ROOT, name), 'utf8');

  const targets = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) =>
    join(dirname(name), target),
  );

  it('links to existing files', () => {
    expect(targets.filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
  });

  // npm's page resolves the links of README.md in the repository, where every file is.
  if (name !== 'README.md' && isShipped(name))
    it('links only to files that npm ships, as it is shipped itself', () => {
      expect(targets.filter((target) => !isShipped(target))).toEqual([]);
    });

  it('links to existing headings', () => {
    const targets = [...text.matchAll(/\]\(([^)#:\s]*)#([^)]+)\)/g)].map(([, path, anchor]) => ({
      path: path ? join(dirname(name), path) : name,
      anchor,
    }));
    const missing = targets.filter(
      ({ path, anchor = '' }) => path.endsWith('.md') && !anchorsOf(path).includes(anchor),
    );
    expect(missing).toEqual([]);
  });

  it('names existing paths of the repository', () => {
    const paths = [...text.matchAll(/`((?:assembly|src|test|bench|tools|\.ci)\/[\w./-]*)`/g)].map(
      ([, path = '']) => path,
    );
    // Generated files are there once the tree is built, which it is before any test runs.
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('names commands of package.json', () => {
    const { scripts } = manifest;
    const commands = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, command = '']) => command);
    expect(commands.filter((command) => !Object.hasOwn(scripts, command))).toEqual([]);
  });
});

it('docs/README.md leads to every page of docs/', () => {
  const index = readFileSync(join(ROOT, 'docs', 'README.md'), 'utf8');
  const pages = readdirSync(join(ROOT, 'docs')).filter((name) => /^(?!README).*\.md$/.test(name));
  expect(pages.filter((name) => !index.includes(`](${name}`))).toEqual([]);
});
