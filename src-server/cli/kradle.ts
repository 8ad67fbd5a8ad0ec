import { processTerminal } from './terminal';

// `kradle list … | head` closes the pipe early; that is an end, not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

const args = process.argv.slice(2);
if (args[0] === 'runner') {
  // Started by the server, and an agent waits for it: nothing of the command line is loaded.
  const { startRunner } = await import('../app/runner/startRunner');
  process.exit(await startRunner(process.env));
}
const { runProgram } = await import('./program');
// Not process.exit: what is still being written to a pipe must arrive.
process.exitCode = await runProgram(args, { terminal: processTerminal(process.env), env: process.env });
