import { runProgram } from './program';
import { processTerminal } from './terminal';

// `kradle list … | head` closes the pipe early; that is an end, not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

const code = await runProgram(process.argv.slice(2), { terminal: processTerminal(process.env), env: process.env });
// Not process.exit: what is still being written to a pipe must arrive.
process.exitCode = code;
