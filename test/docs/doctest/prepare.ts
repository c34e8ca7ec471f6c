import { transformSync } from 'esbuild';

const STATEMENT =
  /^(\s*)(?!(?:const|let|var|using|import|export|return|if|for|while|throw)\b)([^\s/].*);$/;
const isExpression = (text: string) => {
  try {
    transformSync(`(${text})`, { loader: 'ts', format: 'esm', target: 'esnext' });
    return true;
  } catch {
    return false;
  }
};

/**
 * Code in which each expression with a comment behind or below it is checked against that comment.
 */
function withChecks(code: string): string {
  const lines = code.split('\n');
  return lines
    .map((line, i) => {
      const [, before = '', beside] = /^(.*?;)(?:\s+\/\/ (.*))?$/.exec(line) ?? [];
      const [, indent = '', shown = ''] = STATEMENT.exec(before) ?? [];
      const expression = /^console\.log\((.*)\)$/.exec(shown)?.[1] ?? shown;
      if (!expression || !isExpression(expression)) return line;
      const below = [];
      for (let j = i + 1; lines[j]?.startsWith('// ') && beside === undefined; j++)
        below.push(lines[j]?.replace(/^\/\/ +/, ''));
      const comment = beside ?? below.join(' ');
      return comment === '' ? line : `${indent}check(${expression}, ${JSON.stringify(comment)});`;
    })
    .join('\n');
}

/** Makes a block a module for Node 20: with checks, without types and `using`. */
export function prepare(code: string): string {
  // The imports of a block must exist even if it does not use them.
  const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true } };
  return transformSync(withChecks(code), {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    tsconfigRaw,
  }).code;
}
