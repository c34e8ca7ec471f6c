import { parseArgs } from 'node:util';
import { Progress } from './lib/progress.js';
import { verification } from './suites/verification.js';
const p = new Progress(1);
p.begin('x');
const t = await verification.run({ isQuick: true, budgetMs: 3000, minRounds: 5, onProgress: p.within });
for (const x of t) { console.log(x.title); if (x.kind==='times') { for (const r of x.rows) console.log(r.name.padEnd(55), r.ns.median.toFixed(0).padStart(7), r.ratio.median.toFixed(2), r.ratio.p25.toFixed(2), r.ratio.p75.toFixed(2)); console.log(x.leftOut); } }
