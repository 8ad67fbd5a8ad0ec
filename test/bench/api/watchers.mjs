// Opens many watches of one address and says, a JSON line each, when all are open and when each has had every change.
// Arguments: address, token, resourceVersion, number of watches, number of changes.
import { request } from 'node:http';

const [url, token, resourceVersion, watchers, changes] = process.argv.slice(2);
const wanted = Number(changes);
const NEEDLE = Buffer.from('"resourceVersion":"');
const BOOKMARK = Buffer.from('{"type":"BOOKMARK"');
const QUOTE = 0x22;
const LINE_FEED = 0x0a;

let open = 0;
let complete = 0;
const say = (fields) => process.stdout.write(`${JSON.stringify(fields)}\n`);
const fail = (problem) => {
  say({ problem });
  process.exit(1);
};

for (let index = 0; index < Number(watchers); index += 1) {
  const outgoing = request(`${url}?watch=true&resourceVersion=${resourceVersion}`, { agent: false, headers: { authorization: `Bearer ${token}`, accept: 'application/json' } });
  outgoing.on('error', (error) => fail(String(error)));
  outgoing.on('response', (incoming) => {
    if (incoming.statusCode !== 200) fail(`a watch was answered ${incoming.statusCode}`);
    open += 1;
    if (open === Number(watchers)) say({ open });
    const onLine = orderly();
    let rest = Buffer.alloc(0);
    incoming.on('data', (chunk) => {
      let text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = text.indexOf(LINE_FEED, start); end >= 0; end = text.indexOf(LINE_FEED, start)) {
        onLine(text, start, end);
        start = end + 1;
      }
      rest = text.subarray(start);
    });
    incoming.on('end', () => fail('a watch was ended'));
  });
  outgoing.end();
}

/** Checks that the revisions of one watch rise, and counts. */
function orderly() {
  let count = 0;
  let last = Number(resourceVersion);
  return (text, start, end) => {
    if (text.compare(BOOKMARK, 0, BOOKMARK.length, start, Math.min(end, start + BOOKMARK.length)) === 0) return;
    const at = text.indexOf(NEEDLE, start) + NEEDLE.length;
    if (at < NEEDLE.length || at > end) fail(`not an event: ${text.toString('utf8', start, Math.min(end, start + 300))}`);
    let revision = 0;
    for (let position = at; text[position] !== QUOTE; position += 1) revision = revision * 10 + text[position] - 0x30;
    if (revision <= last) fail(`revision ${revision} came after ${last}`);
    last = revision;
    count += 1;
    if (count > wanted) fail('a change came twice');
    if (count === wanted && ++complete === Number(watchers)) {
      say({ complete });
      process.exit(0);
    }
  };
}
