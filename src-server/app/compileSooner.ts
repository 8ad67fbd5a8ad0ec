import { setFlagsFromString } from 'node:v8';

/**
 * Bytes of its bytecode that a function runs before V8 looks whether to compile it; V8's own are 135,168 (Node 20). What a server does it does again: with these
 * it is at full speed after some three thousand requests instead of twelve. See docs/benchmarks.md.
 */
const INTERRUPT_BUDGET = 30_000;

/** For a server that has started: what ran until then runs once, and is not worth compiling. */
export function compileSooner(): void {
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
}
