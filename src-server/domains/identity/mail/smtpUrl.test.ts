import { expect, it } from 'vitest';
import { parseSmtpUrl, redactSmtpUrl } from './smtpUrl';

it('reads where mail is handed in', () => {
  expect(parseSmtpUrl('smtp://ada:p%40ss@mail.example.com:2525')).toEqual({ host: 'mail.example.com', port: 2525, secure: false, user: 'ada', password: 'p@ss', local: false });
  expect(parseSmtpUrl('smtps://mail.example.com')).toEqual({ host: 'mail.example.com', port: 465, secure: true, local: false });
  expect(parseSmtpUrl('smtp://[::1]')).toMatchObject({ host: '::1', port: 587, local: true });
});

it.each(['mail.example.com', 'http://ada:hunter2@mail.example.com', 'smtp://ada:hunter2@', 'smtp://ada:hunter2@mail.example.com/inbox', 'smtp://mail.example.com?pool=true'])('refuses %s, without repeating it', (text) => {
  expect(() => parseSmtpUrl(text)).toThrow(/^must /);
  expect(() => parseSmtpUrl(text)).not.toThrow(/hunter2/);
});

it('is shown without the password', () => {
  expect(redactSmtpUrl('smtp://ada:hunter2@mail.example.com')).toBe('smtp://…@mail.example.com:587');
  expect(redactSmtpUrl('ada:hunter2')).toBe('…');
});
