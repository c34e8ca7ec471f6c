const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

export const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => ENTITIES[char]!);

/** A cell: text, or text with a class. Text between backticks is code. */
export type Cell = string | { readonly text: string; readonly tag: string };

/** A table whose first column is text and whose others are figures. */
export function tableOf(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const headCells = head
    .map((text) => (text === '' ? '<td></td>' : `<th scope="col">${escaped(text)}</th>`))
    .join('');
  const body = rows.map((cells) => `<tr>${cells.map(cellOf).join('')}</tr>`).join('\n');
  return `<div class="wide" tabindex="0" role="group" aria-label="Table"><table><thead><tr>${headCells}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

function cellOf(cell: Cell, index: number): string {
  const { text, tag } = typeof cell === 'string' ? { text: cell, tag: '' } : cell;
  const name = index === 0 ? 'th scope="row"' : 'td';
  const shown = escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
  return `<${name}${tag === '' ? '' : ` class="${tag}"`}>${shown}</${index === 0 ? 'th' : 'td'}>`;
}

/** A part that is closed until a reader opens it. */
export const folded = (title: string, body: string): string =>
  `<details><summary>${escaped(title)}</summary>\n${body}\n</details>`;

const STYLE = `
:root { color-scheme: light dark; --ours: #0a7d4f; --baseline: #6b7280; --peer: #9aa4b2; --native: #b45309; --third: #3b6fd4;
  --text: #1b1f24; --quiet: #4f5661; --back: #ffffff; --line: #d6dae0; --good: #0a7d4f; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ours: #3ecf8e; --baseline: #a1a9b5; --peer: #5d6775; --native: #f0a04b;
  --third: #7aa5ff; --text: #e6e9ee; --quiet: #aab2bd; --back: #14171b; --line: #343a43; --good: #3ecf8e; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 66rem; padding: 0 1rem; color: var(--text); background: var(--back);
  font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; } h1 { font-size: clamp(1.5rem, 1.1rem + 2vw, 2.25rem); }
h2 { margin-top: 3rem; } h3 { margin-top: 2rem; } a { color: var(--third); }
figure { margin: 1.5rem 0; max-width: 46rem; } figcaption { margin-top: 0.75rem; font-size: 0.9rem; color: var(--quiet); }
.bars { margin: 0; padding: 0; list-style: none; }
.bars li { position: relative; display: flex; flex-wrap: wrap; justify-content: space-between; column-gap: 1rem;
  margin-bottom: 0.6rem; padding-bottom: 0.85rem; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
.bars i, .bars li::after { position: absolute; bottom: 0; left: 0; height: 0.7rem; border-radius: 0.15rem; background: var(--peer); }
.bars li::after { content: ""; left: var(--one); width: 1px; border-radius: 0; background: var(--text); }
.bars .value { white-space: nowrap; } .bars .ours i { background: var(--ours); }
.bars .native i { background: var(--native); } .bars .baseline i { background: var(--baseline); }
.findings li { margin-bottom: 0.5rem; max-width: 46rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; vertical-align: top; }
thead th { font-weight: 600; white-space: normal; min-width: 5.5rem; vertical-align: bottom; }
tr > :first-child { position: sticky; left: 0; min-width: min(9rem, 38vw); max-width: 20rem; background: var(--back); font-weight: normal;
  text-align: left; white-space: normal; }
.matrices tr > :first-child { min-width: min(19rem, 38vw); }
td.words { min-width: 9rem; text-align: left; white-space: normal; }
.ours { color: var(--ours); } th.ours, th.baseline { font-weight: 600; } th.native { color: var(--native); }
.bars li { color: var(--text); } .good { color: var(--good); } .bad { color: var(--bad); } .none { color: var(--native); }
td.none { min-width: 12rem; white-space: normal; text-align: left; }
summary { cursor: pointer; margin: 1rem 0; font-size: 1.1rem; } details details summary { font-size: 1rem; }
.note { font-size: 0.9rem; color: var(--quiet); } svg { max-width: 100%; height: auto; }
:focus-visible { outline: 2px solid var(--third); outline-offset: 2px; }`;

/** A whole page, without a script and without requests to other hosts. */
export function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}
