import { loadConfig } from './config';
import { serve } from './serve';
const running = await serve(loadConfig({}).config, { program: [process.execPath], version: '0', consoleDir: '/work/main/dist/renderer' });
process.stdout.write(JSON.stringify(running.signInLink) + '\n');
process.on('SIGTERM', () => void running.close().then(() => process.exit(0)));
