const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

export const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => ENTITIES[char]!);

/** A cell: text, or text with a class. What stands between backticks is code. */
export type Cell = string | { readonly text: string; readonly tag: string };

/** A table whose first column is text and whose others are figures. */
export function tableOf(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const headCells = head.map((text) => `<th scope="col">${escaped(text)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map(cellOf).join('')}</tr>`).join('\n');
  return `<div class="wide"><table><thead><tr>${headCells}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

function cellOf(cell: Cell, index: number): string {
  const { text, tag } = typeof cell === 'string' ? { text: cell, tag: '' } : cell;
  const name = index === 0 ? 'th scope="row"' : 'td';
  const shown = escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
  return `<${name}${tag === '' ? '' : ` class="${tag}"`}>${shown}</${index === 0 ? 'th' : 'td'}>`;
}

const STYLE = `
:root { color-scheme: light dark; --ours: #0a7d4f; --baseline: #6b7280; --peer: #9aa4b2; --native: #b45309; --third: #3b6fd4;
  --text: #1b1f24; --back: #ffffff; --line: #d6dae0; --good: #0a7d4f; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ours: #3ecf8e; --baseline: #a1a9b5; --peer: #5d6775; --native: #f0a04b;
  --third: #7aa5ff; --text: #e6e9ee; --back: #14171b; --line: #343a43; --good: #3ecf8e; --bad: #ff8a80; } }
body { margin: 2rem auto; max-width: 66rem; padding: 0 1rem; color: var(--text); background: var(--back);
  font: 16px/1.5 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 3rem; } h3 { margin-top: 2rem; }
.wide { overflow-x: auto; } figure { margin: 1rem 0; overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; font-weight: normal; white-space: normal; min-width: 12rem; } thead th { font-weight: 600 !important; }
.ours { color: var(--ours); font-weight: 600 !important; } .native { color: var(--native); }
.baseline { font-weight: 600 !important; } .good { color: var(--good); } .bad { color: var(--bad); } .none { color: var(--native); }
td.none { white-space: normal; text-align: left; }
summary { cursor: pointer; font-size: 1.2rem; margin: 1rem 0; } .note { font-size: 0.9rem; opacity: 0.85; }
svg { max-width: 100%; height: auto; }`;

/** A whole page: no script, and nothing that another host is asked for. */
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
<h1>${escaped(title)}</h1>
${body}
</body>
</html>
`;
}
