// The picture of `npm start` in README: two terminals, drawn from what a run has printed. It is the
// same for each run that prints the same words.

/** Characters of a line. Longer lines go on in the next one. */
const COLUMNS = 66;
/** In pixels. A character of a monospaced font is 0.6 of its size wide. */
const [FONT, CHARACTER, LINE, BAR, PAD] = [14, 8.4, 20, 30, 16];
const WIDTH = Math.ceil(COLUMNS * CHARACTER) + 2 * PAD;

/** What differs from run to run, and what stands for it: the token is the one that README draws. */
const FIXED = {
  page: 'http://127.0.0.1:40000/?gateway',
  gateway: 'http://127.0.0.1:8080',
  token: '9082525064483183500425060897596211894686 RhR/vgHIq2Eup9DGgfCeMdtvTRC7oUjCuzd92cp/90M=',
  step: 54_194_380,
};

/**
 * @param {import('./npm-start.mjs').Started} started
 * @param {readonly string[]} answers What `verify` returned, the first time and the second.
 * @returns {string} An SVG. It needs no font and no script, and is dark or light as the reader's
 *   system is. It does not move: it would begin blank, and Chromium does not tell an image that
 *   the reader wants less motion.
 */
export function startPicture(started, answers) {
  const fixed = fixer(started);
  const [first = '', again = ''] = answers.map((answer) => fixed(answer).replace('\n\n', '\n…\n'));
  const curl = `curl -i ${FIXED.gateway}/v1/verify …`;
  const windows = [
    { title: 'npm start', shown: ['$ npm start', fixed(started.notes)] },
    {
      title: 'another terminal',
      shown: [`$ ${curl}`, first, `$ ${curl}   # the same again`, again],
    },
  ];
  let y = 0;
  const drawn = windows.map(({ title, shown }) => {
    const top = y;
    y += BAR;
    const lines = wrapped(shown.join('\n')).map((line) => {
      y += line === '' ? LINE / 2 : LINE;
      return textOf(line, y);
    });
    y += PAD;
    const frame = `<rect class="window" x=".5" y="${top + 0.5}" width="${WIDTH - 1}" height="${y - top - 1}" rx="8"/>
<text class="title" x="${WIDTH / 2}" y="${top + BAR - 10}" text-anchor="middle">${title}</text>
`;
    y += PAD;
    return `${frame}${lines.join('')}`;
  });
  const height = y - PAD;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>npm start, and a token that is accepted once</title>
<!-- Made by tools/start-picture.mjs from a run of npm start. -->
<style>${STYLE}</style>
${drawn.join('')}</svg>
`;
}

/** @param {import('./npm-start.mjs').Started} started @returns {(text: string) => string} */
function fixer({ page, gateway, body }) {
  const { token } = JSON.parse(body);
  return (text) =>
    text
      .replaceAll(page, FIXED.page)
      .replaceAll(gateway, FIXED.gateway)
      .replaceAll(token, FIXED.token)
      .replace(/"step":\d+/, `"step":${FIXED.step}`)
      // A step may end between the token and its use.
      .replace('"drift":-1', '"drift":0');
}

/** Lines that fit, cut at a space if there is one in their second half. @param {string} text */
function wrapped(text) {
  const fitting = new RegExp(`(.{${COLUMNS / 2},${COLUMNS}})(?: |$)|.{1,${COLUMNS}}`, 'gu');
  return text
    .trimEnd()
    .split('\n')
    .flatMap((line) =>
      line === '' ? [''] : [...line.matchAll(fitting)].map(([all, cut]) => cut ?? all),
    );
}

/** @param {string} line @param {number} y Its base line. */
function textOf(line, y) {
  if (line === '') return '';
  const kind = KINDS.find(([pattern]) => pattern.test(line))?.[1];
  // SVG would make one space of several, and none at the start.
  const text = line
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/^ | (?= )/g, '\u00a0');
  // The width is given, so that no reader's font makes a line longer than its window.
  const width = Math.round(line.length * CHARACTER * 10) / 10;
  return `<text class="${kind}" x="${PAD}" y="${y}" textLength="${width}">${text}</text>\n`;
}

/** How lines are drawn, by their beginning. @type {readonly (readonly [RegExp, string])[]} */
const KINDS = [
  [/^\$ /, 'typed'],
  [/^HTTP\/1.1 2/, 'good'],
  [/^HTTP\/1.1 4/, 'bad'],
  [/^…$/, 'title'],
  [/^/, 'said'],
];

const STYLE = `
text{font:${FONT}px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
.window{fill:#f6f8fa;stroke:#d0d7de}
.said{fill:#24292f}.typed{fill:#0550ae;font-weight:bold}.title{fill:#57606a}
.good{fill:#116329;font-weight:bold}.bad{fill:#a40e26;font-weight:bold}
@media (prefers-color-scheme:dark){
.window{fill:#161b22;stroke:#30363d}
.said{fill:#e6edf3}.typed{fill:#79c0ff}.title{fill:#9ea7b3}
.good{fill:#7ee787}.bad{fill:#ffa198}
}
`;
