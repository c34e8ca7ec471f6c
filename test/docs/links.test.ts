import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';

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

  it('links to existing files', () => {
    const targets = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(
      ([, target = '']) => target,
    );
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(name), target)))).toEqual([]);
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
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const commands = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, command = '']) => command);
    expect(commands.filter((command) => !Object.hasOwn(scripts, command))).toEqual([]);
  });
});

it('docs/README.md leads to every page of docs/', () => {
  const index = readFileSync(join(ROOT, 'docs', 'README.md'), 'utf8');
  const pages = readdirSync(join(ROOT, 'docs')).filter((name) => /^(?!README).*\.md$/.test(name));
  expect(pages.filter((name) => !index.includes(`](${name}`))).toEqual([]);
});
