import { version } from '../../package.json';

/** Version of this program, as package.json has it. */
export const VERSION = version;
