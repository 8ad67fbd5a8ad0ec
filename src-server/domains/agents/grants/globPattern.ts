/**
 * Whether a text is of a pattern in which `*` stands for anything. Its cost is the product of both lengths at most, whatever the pattern.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let [at, in_] = [0, 0];
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (in_ < pattern.length && pattern[in_] === '*') {
      star = in_;
      resume = at;
      in_ += 1;
    } else if (in_ < pattern.length && pattern[in_] === text[at]) {
      at += 1;
      in_ += 1;
    } else if (star !== -1) {
      in_ = star + 1;
      resume += 1;
      at = resume;
    } else {
      return false;
    }
  }
  while (pattern[in_] === '*') in_ += 1;
  return in_ === pattern.length;
}
