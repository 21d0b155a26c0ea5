const blockMs = 1500;

process.on('SIGUSR2', () => {
  const end = performance.now() + blockMs;
  while (performance.now() < end);
});
