import type { Command } from 'commander';
import type { CommandContext } from '../commandContext';
import { printValue } from '../objectOutput';
import { renderTextTable } from '../textTable';

export function registerConfig(program: Command, context: CommandContext): void {
  program
    .command('config')
    .helpGroup('This program:')
    .description('print the settings that "kradle serve" would start with, and where each comes from')
    .action(async () => {
      const { loadConfig, SETTINGS } = await import('../../app/config');
      const { config, sources, file } = await loadConfig({ flags: { dataDir: context.options().dataDir }, env: context.env });
      const settings = Object.entries(SETTINGS).map(([name, setting]) => ({
        name,
        value: redact(config[name as keyof typeof config], 'redact' in setting ? setting.redact : redactUrl),
        source: sources[name as keyof typeof sources],
        environment: setting.env,
        help: setting.help,
      }));
      if (await printValue(context, { file: file ?? null, settings })) return;
      const { terminal } = context;
      terminal.out(
        renderTextTable(
          [{ header: 'Setting' }, { header: 'Value' }, { header: 'Source' }, { header: 'Environment' }, { header: 'Meaning' }],
          settings.map((each) => [each.name, formatValue(each.value), each.source, each.environment, each.help]),
          terminal.columns,
        ),
      );
      terminal.err(file === undefined ? `No file: ${config.dataDir}/config.yaml is not there.\n` : `File: ${file}\n`);
    });
}

function redact(value: unknown, redactText: (value: string) => string): unknown {
  return typeof value === 'string' ? redactText(value) : value;
}

/** An address may carry a password. */
function redactUrl(value: string): string {
  if (!URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.password === '') return value;
  url.password = 'redacted';
  return url.href;
}

function formatValue(value: unknown): string {
  if (value === undefined) return '-';
  return Array.isArray(value) ? value.join(',') || '-' : String(value);
}
