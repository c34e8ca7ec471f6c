import { isDeepStrictEqual } from 'node:util';
import { parse as parseToml, stringify as stringifyToml } from 'smol-toml';
import { optionError } from '../errors.js';
import { shownPath } from '../text/safe.js';
import { editToml } from './edit-toml.js';
import type { EditedText, HostEdit, KeyDocument, KeyRecord } from './edit-types.js';
import type { KeyringFormat } from './read.js';
import { instantText } from './shape.js';

/**
 * Changes the keys of one host in a key file's text. Everything else keeps its place, and comments
 * stay with their lines.
 *
 * @param path - The name of the file, for messages.
 * @throws {VerifierError} `ERR_OPTION`: the format has room for only one pair, or the layout cannot
 *   be changed without losing comments.
 */
export function editKeyFile(
  path: string,
  text: string,
  format: KeyringFormat,
  edit: HostEdit,
): EditedText {
  if (format === 'env') {
    throw optionError(
      `key file ${shownPath(path)}`,
      'a dotenv file holds one pair of one host, so its keys cannot be changed one by one',
      'write a file that can: totp-token keygen --keys FILE --out keys.json',
    );
  }
  return format === 'json' ? editJson(text, edit) : editTomlSafely(path, text, edit);
}

/** JSON has no comments, so the document is written again with its own indentation. */
function editJson(text: string, edit: HostEdit): EditedText {
  const indent = /^[{[]\r?\n([ \t]+)/.exec(text.trimStart())?.[1];
  const value = edited(JSON.parse(text) as KeyDocument, edit);
  const json = JSON.stringify(value, null, indent);
  const [, ending = ''] = /(\r?\n)?\s*$/.exec(text) ?? [];
  const lines = text.includes('\r\n') ? json.replaceAll('\n', '\r\n') : json;
  return { text: lines + ending, lostComments: 0 };
}

/** Uses the result of the textual change only if it parses to the wanted document. */
function editTomlSafely(path: string, text: string, edit: HostEdit): EditedText {
  const value = parseToml(text) as unknown as KeyDocument;
  const wanted = edited(value, edit);
  const records = [wanted.hosts[edit.host] ?? []].flat() as readonly KeyRecord[];
  const changed = editToml(text, edit, records, value);
  if (changed !== undefined && isSame(changed.text, wanted)) return changed;
  if (!text.includes('#')) return { text: stringifyToml(wanted), lostComments: 0 };
  throw optionError(
    `key file ${shownPath(path)}`,
    'its layout cannot be changed without losing comments',
    'write each key under a line [[hosts."example.com"]] of its own',
  );
}

function isSame(text: string, wanted: KeyDocument): boolean {
  try {
    return isDeepStrictEqual(
      comparable(parseToml(text) as unknown as KeyDocument),
      comparable(wanted),
    );
  } catch {
    return false;
  }
}

/** Makes a single key and a list of one key equal. */
const comparable = (document: KeyDocument): unknown =>
  JSON.parse(
    JSON.stringify({
      ...document,
      hosts: Object.fromEntries(
        Object.entries(document.hosts).map(([host, keys]) => [host, [keys].flat()]),
      ),
    }),
  );

function edited(document: KeyDocument, { host, keys }: HostEdit): KeyDocument {
  const old = document.hosts[host];
  const before = old === undefined ? [] : ([old].flat() as readonly KeyRecord[]);
  const records = keys.map(({ from, keys: pair, issueAfter, retireAfter }) => {
    const {
      issueAfter: _,
      retireAfter: __,
      ...rest
    } = from === undefined ? { ...pair } : before[from]!;
    return {
      ...rest,
      ...(issueAfter === undefined ? {} : { issueAfter: instantText(issueAfter) }),
      ...(retireAfter === undefined ? {} : { retireAfter: instantText(retireAfter) }),
    } as KeyRecord;
  });
  const { [host]: __, ...others } = document.hosts;
  if (records.length === 0) return { ...document, hosts: others };
  const value = records.length === 1 && !Array.isArray(old) ? records[0]! : records;
  return { ...document, hosts: { ...document.hosts, [host]: value } };
}
