import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../tools/lib/process.mjs';

/** A piece of code that a reader may copy. */
export interface Block {
  /** Where it stands: path in the repository, and line. */
  readonly file: string;
  readonly line: number;
  /** As its fence says; `indented` without a fence, `example` in a docstring. */
  readonly language: string;
  readonly code: string;
}

const inFolder = (folder: string, extension: string) =>
  readdirSync(join(ROOT, folder), { recursive: folder !== '.' })
    .map((name) => join(folder, `${name}`))
    .filter((name) => name.endsWith(extension))
    .sort();

/** The paths of all documents of this repository. */
export const DOCUMENTS: readonly string[] = [
  ...inFolder('.', '.md'),
  ...inFolder('docs', '.md').filter((name) => !name.startsWith(join('docs', 'api'))),
  ...inFolder('bench', '.md'),
  ...inFolder(join('test', 'fuzz'), '.md'),
];

export const SOURCES: readonly string[] = inFolder('src', '.ts').filter(
  (name) => !name.endsWith('-bytes.ts'),
);

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/**
 * The code blocks of a Markdown file, CommonMark §4.4 and §4.5 as far as ours go: fences, or four
 * more spaces.
 */
export function blocksOf(file: string, text = read(file)): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let open: { indent: string; language: string; line: number; code: string[] } | undefined;
  let isText = false; // A paragraph goes on over indented lines.
  const close = (language: string) => {
    if (open)
      blocks.push({ file, line: open.line, language, code: `${dedent(open.code).trimEnd()}\n` });
    open = undefined;
  };
  for (const [i, line] of lines.entries()) {
    const fence = /^( *)```(\w*)\s*$/.exec(line);
    if (open && open.language !== 'indented') {
      if (fence && fence[2] === '') close(open.language);
      else open.code.push(line);
    } else if (fence) {
      close('indented');
      open = { indent: fence[1] ?? '', language: fence[2] || 'text', line: i + 1, code: [] };
      isText = false;
    } else if (/^ {4,}\S/.test(line) && !isText) {
      open ??= { indent: '', language: 'indented', line: i + 1, code: [] };
      open.code.push(line);
    } else if (line.trim() === '') {
      open?.code.push('');
      isText = false;
    } else {
      close('indented');
      isText = true;
    }
  }
  if (open && open.language !== 'indented')
    throw new Error(`${file}:${open.line}: the fence has no end`);
  close('indented');
  return blocks;
}

/** The `@example`s of a source file. */
export function examplesOf(file: string, text = read(file)): Block[] {
  return [...text.matchAll(/^ *\* @example\n([\s\S]*?)^ *\*(?:\/| @)/gm)].map(
    ({ 1: body = '', index }) => ({
      file,
      line: text.slice(0, index).split('\n').length,
      language: 'example',
      code: body.replaceAll(/^ *\* ?/gm, ''),
    }),
  );
}

function dedent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const least = Math.min(...indents);
  return lines.map((line) => line.slice(least)).join('\n');
}
