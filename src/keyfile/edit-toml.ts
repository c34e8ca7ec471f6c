import { parse as parseToml } from 'smol-toml';
import type { EditedText, HostEdit, KeyDocument, KeyRecord } from './edit-types.js';

/** The lines of one table: `[hosts."example.com"]` or `[[hosts."example.com"]]` and what follows. */
interface Block {
  /** The lines, including the comments directly above the first one. */
  readonly lines: readonly string[];
  /** The index in `lines` of the line with the name. */
  readonly header: number;
  /** Undefined if the table is not a host. */
  readonly host: string | undefined;
}

const HEADER = /^(\s*)\[{1,2}\s*(.*?)\s*\]{1,2}(\s*(?:#.*)?)$/;
const COMMENT = /^\s*#/;

/**
 * Changes one host in the text of a TOML file line by line, so that comments and order are kept. It
 * knows the usual layout, with a table for each key. It does not parse all of TOML, so the caller
 * must check the result.
 *
 * @param records - The fields of each key of `edit`.
 * @returns Undefined if the file has the host in another layout.
 */
export function editToml(
  text: string,
  { host, keys }: HostEdit,
  records: readonly KeyRecord[],
  document: KeyDocument,
): EditedText | undefined {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const { before, blocks } = cut(text.split(/\r?\n/));
  const own = blocks.filter((block) => block.host === host);
  const count = [document.hosts[host] ?? []].flat().length;
  if (own.length !== count) return undefined;
  const isList =
    keys.length > 1 || own.some(({ lines, header }) => /^\s*\[\[/.test(lines[header]!));
  const written = keys.map(({ from }, i) =>
    from === undefined
      ? newBlock(host, records[i]!, isList)
      : changedBlock(own[from]!, records[i]!, isList),
  );
  const removed = own.filter((_, i) => !keys.some(({ from }) => from === i));
  const lines = [...before];
  let next = 0;
  for (const block of blocks) {
    if (block.host !== host) lines.push(...block.lines);
    else {
      const isLast = block === own.at(-1);
      const here = written.slice(next, isLast ? undefined : next + 1);
      next += here.length;
      for (const each of here) appendBlock(lines, each);
      if (here.length > 0 && block !== blocks.at(-1)) lines.push('');
    }
  }
  for (const each of written.slice(next)) appendBlock(lines, each);
  return {
    text: `${lines.join(end).trimEnd()}${end}`,
    lostComments: removed.flatMap((block) => block.lines).filter((line) => line.includes('#'))
      .length,
  };
}

/** Cuts the lines at the first line of each table. */
function cut(lines: readonly string[]): { before: readonly string[]; blocks: readonly Block[] } {
  const names = lines.map(nameIn);
  const headers = names.flatMap((name, i) => (name === undefined ? [] : [i]));
  const starts = headers.map((header) => {
    let start = header;
    while (start > 0 && COMMENT.test(lines[start - 1]!)) start--;
    return start;
  });
  return {
    before: lines.slice(0, starts[0] ?? lines.length),
    blocks: headers.map((header, i) => {
      const name = names[header]!;
      return {
        lines: lines.slice(starts[i]!, starts[i + 1] ?? lines.length),
        header: header - starts[i]!,
        host: name.length === 2 && name[0] === 'hosts' ? name[1] : undefined,
      };
    }),
  };
}

/** The parts of the name in the first line of a table. Undefined for any other line. */
function nameIn(line: string): readonly string[] | undefined {
  if (!HEADER.test(line)) return undefined;
  try {
    const parts: string[] = [];
    let table: unknown = parseToml(line);
    for (;;) {
      const [name, more] = Array.isArray(table) ? [] : Object.keys(table as object);
      if (name === undefined || more !== undefined) return parts;
      parts.push(name);
      table = (table as Record<string, unknown>)[name];
    }
  } catch {
    return undefined;
  }
}

function newBlock(host: string, record: KeyRecord, isList: boolean): readonly string[] {
  const name = `hosts.${JSON.stringify(host)}`;
  return [
    isList ? `[[${name}]]` : `[${name}]`,
    ...Object.entries(record).map(([field, value]) => `${field} = ${JSON.stringify(value)}`),
  ];
}

function changedBlock({ lines, header }: Block, record: KeyRecord, isList: boolean) {
  const changed = trimmed(lines);
  changed[header] = changed[header]!.replace(HEADER, (_, before, name, after) =>
    isList ? `${before}[[${name}]]${after}` : `${before}[${name}]${after}`,
  );
  for (const field of ['issueAfter', 'retireAfter']) {
    const at = changed.findIndex((line) => new RegExp(`^\\s*${field}\\s*=`).test(line));
    const value = record[field];
    const line = `${field} = ${JSON.stringify(value)}`;
    if (at < 0) {
      if (value !== undefined) changed.splice(lastField(changed) + 1, 0, line);
    } else if (value === undefined) {
      // Keeps a comment on the line.
      const comment = /#.*$/.exec(changed[at]!)?.[0];
      changed.splice(at, 1, ...(comment === undefined ? [] : [comment]));
    } else {
      changed[at] = changed[at]!.replace(/=\s*"[^"]*"/, `= ${JSON.stringify(value)}`);
    }
  }
  return changed;
}

const lastField = (lines: readonly string[]): number =>
  lines.findLastIndex((line) => line.trim() !== '' && !COMMENT.test(line));

function trimmed(lines: readonly string[]): string[] {
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1);
}

/** Appends a block after a blank line. */
function appendBlock(lines: string[], block: readonly string[]): void {
  while (lines.at(-1)?.trim() === '') lines.pop();
  if (lines.length > 0) lines.push('');
  lines.push(...block);
}
