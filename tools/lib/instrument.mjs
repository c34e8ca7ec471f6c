// Counters for the fuzzer: one for each branch of the TypeScript, and one for each instruction of
// the Wasm core that accesses memory.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './process.mjs';

/** The number of counters. Those of the TypeScript come first, then the three kinds of the core. */
const OF_TYPESCRIPT = 1 << 14;
const OF_A_KIND = 1 << 14;
export const COUNTERS = OF_TYPESCRIPT + 3 * OF_A_KIND;

/**
 * Returns a function that compiles TypeScript to JavaScript with counters. Counters are numbered in
 * the order of the calls.
 */
export function typescriptInstrumenter() {
  /** @type {typeof import('typescript')} */
  const ts = createRequire(import.meta.url)('typescript');
  let next = 0;
  const { factory, SyntaxKind } = ts;
  const hit = () => {
    const place = factory.createElementAccessExpression(
      factory.createIdentifier('__hit'),
      next++ % OF_TYPESCRIPT,
    );
    return factory.createPostfixIncrement(place);
  };
  /** @param {import('typescript').Expression} expression */
  const counted = (expression) =>
    factory.createParenthesizedExpression(factory.createComma(hit(), expression));
  const SHORT_CIRCUIT = new Set([
    SyntaxKind.AmpersandAmpersandToken,
    SyntaxKind.BarBarToken,
    SyntaxKind.QuestionQuestionToken,
  ]);

  /** @type {import('typescript').TransformerFactory<import('typescript').SourceFile>} */
  const transformer = (context) => (file) => {
    /** @param {import('typescript').Node} node @returns {import('typescript').Node} */
    const visit = (node) => {
      const inner = ts.visitEachChild(node, visit, context);
      if (ts.isBlock(inner)) {
        return factory.updateBlock(inner, [
          factory.createExpressionStatement(hit()),
          ...inner.statements,
        ]);
      }
      if (ts.isIfStatement(inner)) {
        const { expression, thenStatement, elseStatement } = inner;
        const otherwise = elseStatement ?? factory.createExpressionStatement(hit());
        const isCounted = ts.isBlock(thenStatement);
        const then = isCounted
          ? thenStatement
          : factory.createBlock([factory.createExpressionStatement(hit()), thenStatement]);
        return factory.updateIfStatement(inner, expression, then, otherwise);
      }
      if (ts.isConditionalExpression(inner)) {
        const { condition, questionToken, whenTrue, colonToken, whenFalse } = inner;
        return factory.updateConditionalExpression(
          inner,
          condition,
          questionToken,
          counted(whenTrue),
          colonToken,
          counted(whenFalse),
        );
      }
      if (ts.isBinaryExpression(inner) && SHORT_CIRCUIT.has(inner.operatorToken.kind)) {
        return factory.updateBinaryExpression(
          inner,
          inner.left,
          inner.operatorToken,
          counted(inner.right),
        );
      }
      return inner;
    };
    return /** @type {import('typescript').SourceFile} */ (ts.visitNode(file, visit));
  };

  /** @param {string} text @param {string} fileName */
  return (text, fileName) =>
    ts.transpileModule(text, {
      fileName,
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
      transformers: { before: [transformer] },
    }).outputText;
}

/**
 * Replaces src/wasm/core-source.ts by the same core, instrumented by Binaryen, a dependency of
 * assemblyscript.
 */
export async function countingCoreSource() {
  const { default: binaryen } = await import('binaryen');
  const module = binaryen.readBinary(readFileSync(join(ROOT, 'build', 'core.wasm')));
  module.setFeatures(binaryen.Features.All);
  module.runPasses(['instrument-memory', 'log-execution']);
  const hex = Buffer.from(module.emitBinary()).toString('hex');
  module.dispose();
  return `
import { compileHex, compileHexNow } from ${JSON.stringify(join(ROOT, 'src', 'wasm', 'compile.ts'))};
const hex = '${hex}';
export const compileCore = () => compileHex(hex);
export const compileCoreNow = () => compileHexNow(hex);
const counting = (kind) => (id, ...rest) => {
  __hit[${OF_TYPESCRIPT} + kind * ${OF_A_KIND} + id % ${OF_A_KIND}]++;
  return rest.at(-1);
};
const hooks = { load_ptr: counting(0), store_ptr: counting(1), log_execution: counting(2) };
// The other hooks are handed a value, last, and have to give it back.
const given = (...values) => values.at(-1);
export const instantiate = (module) => {
  const env = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, hooks[name] ?? given]));
  return new WebAssembly.Instance(module, { env }).exports;
};
`;
}
