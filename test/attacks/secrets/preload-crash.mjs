// Loaded before the program: an error that nothing catches, once it has its keys and writes its answer.
process.stdout.write = () => {
  setImmediate(() => {
    throw new Error('a crash that nobody expects');
  });
  return true;
};
