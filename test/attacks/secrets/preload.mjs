// Loaded before the program: gives it a clock without a time on the first SIGUSR2, and on the next one a crash.
let signals = 0;
process.on('SIGUSR2', () => {
  if (++signals > 1) throw new Error('a crash that nobody expects');
  Date.now = () => Number.NaN;
  process.stderr.write('the clock is broken\n');
});
