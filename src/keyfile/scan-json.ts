import { fieldPath, type PathPart } from './shape.js';

/** The line of each value of a JSON document, or the place of the first syntax error. */
export type JsonScan =
  | {
      readonly ok: true;
      /** Line of each value, by its path as `fieldPath` writes it. */
      readonly lines: ReadonlyMap<string, number>;
      /** A path that occurs twice. `JSON.parse` would silently drop the first value. */
      readonly repeated: string | undefined;
    }
  | {
      readonly ok: false;
      readonly line: number;
      readonly column: number;
      readonly fault: string;
      readonly fix: string;
    };

/** The deepest nesting that is accepted. A keyring has four levels. */
const MAX_DEPTH = 32;

/**
 * Scans a JSON document (RFC 8259) for error messages. When `JSON.parse` fails, it gives no line
 * and quotes the document, which is full of secrets.
 */
export function scanJson(text: string): JsonScan {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return { ok: true, lines: scanner.lines, repeated: scanner.repeated };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const before = text.slice(0, error.offset).split('\n');
    return {
      ok: false,
      line: before.length,
      column: before.at(-1)!.length + 1,
      fault: error.fault,
      fix: error.fix,
    };
  }
}

class Fault extends Error {
  constructor(
    readonly offset: number,
    readonly fault: string,
    readonly fix: string,
  ) {
    super(fault);
  }
}

class Scanner {
  readonly lines = new Map<string, number>();
  repeated: string | undefined;
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value([]);
    this.#blank();
    if (this.#at < this.#text.length)
      throw this.#fault('there is more text after the end', 'remove it');
  }

  #value(path: readonly PathPart[]): void {
    this.#blank();
    if (path.length > MAX_DEPTH) throw this.#fault('nested too deeply');
    this.lines.set(fieldPath(path), this.#line);
    const next = this.#text[this.#at];
    if (next === '{') this.#object(path);
    else if (next === '[') this.#array(path);
    else if (next === '"') this.#string();
    else if (
      !this.#match(/(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y)
    ) {
      throw this.#fault(
        next === "'" ? 'a text must be in double quotes' : 'a value is expected here',
      );
    }
  }

  #object(path: readonly PathPart[]): void {
    const names = new Set<string>();
    this.#list('}', () => {
      if (this.#text[this.#at] !== '"')
        throw this.#fault('a name in double quotes is expected here');
      const name = this.#string();
      if (names.has(name)) this.repeated ??= fieldPath([...path, name]);
      names.add(name);
      this.#blank();
      if (!this.#match(/:/y)) throw this.#fault('a colon is missing before this');
      this.#value([...path, name]);
    });
  }

  #array(path: readonly PathPart[]): void {
    let index = 0;
    this.#list(']', () => this.#value([...path, index++]));
  }

  /** Reads the items between brackets, separated by commas. */
  #list(end: string, item: () => void): void {
    this.#at++;
    this.#blank();
    if (this.#take(end)) return;
    for (;;) {
      item();
      this.#blank();
      if (this.#take(end)) return;
      if (!this.#take(',')) throw this.#fault(`a comma or ${end} is missing before this`);
      this.#blank();
      if (this.#text[this.#at] === end) throw this.#fault(`no comma may stand before ${end}`);
    }
  }

  #string(): string {
    const start = this.#at;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 §7 forbids just these
    const body = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/y;
    if (!this.#match(body)) throw this.#fault('a text is expected here');
    if (this.#take('"')) return JSON.parse(this.#text.slice(start, this.#at)) as string;
    if (this.#text[this.#at] === '\\') {
      throw this.#fault('this escape is not known', 'write a backslash as \\\\');
    }
    throw this.#fault('the text that ends here has no closing quote');
  }

  #blank(): void {
    const start = this.#at;
    this.#match(/[ \t\r\n]*/y);
    for (let i = start; i < this.#at; i++) if (this.#text[i] === '\n') this.#line++;
    const isComment = /^(?:\/\/|\/\*|#)/.test(this.#text.slice(this.#at, this.#at + 2));
    if (isComment) throw this.#fault('JSON has no comments');
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #fault(fault: string, fix = 'correct it'): Fault {
    return this.#at < this.#text.length
      ? new Fault(this.#at, fault, fix)
      : new Fault(this.#at, 'the file ends too early', 'close each bracket, brace and quote');
  }
}
