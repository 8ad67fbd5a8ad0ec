import { StatusError } from '#shared/api/status';

/**
 * Is this a well-formed full reference name (`refs/heads/main`)? The rules of git-check-ref-format(1), and one of Kradle's own:
 * the whole is at most 255 bytes, because a loose reference is a file.
 */
export function isRefName(name: string): boolean {
  if (!name.startsWith('refs/') || Buffer.byteLength(name) > 255) return false;
  const components = name.split('/');
  return components.length >= 3 && components.every(isComponent) && !name.includes('..') && !name.includes('@{') && !name.endsWith('.');
}

/**
 * Is this a usable branch name (`feature/login`)? Beyond the rules for references, as `git branch` has them: no leading `-`, not
 * `HEAD`, and nothing that reads as an object id.
 */
export function isBranchName(name: string): boolean {
  return name !== 'HEAD' && name !== '@' && !name.startsWith('-') && !/^[0-9a-f]{40}$/.test(name) && isRefName(`refs/heads/${name}`);
}

/** Full reference name of a branch. Throws Invalid, naming `field`, for a name that git would not take. */
export function branchRef(name: string, field = 'branch'): string {
  if (!isBranchName(name)) {
    throw new StatusError('Invalid', `"${name}" cannot be the name of a branch`, {
      causes: [
        {
          code: 'FieldValueInvalid',
          field,
          message: 'a branch name has no spaces, control characters, "..", "@{", "~", "^", ":", "?", "*", "[" or "\\", and no leading "-", and no part that starts with "." or ends with ".lock"',
        },
      ],
    });
  }
  return `refs/heads/${name}`;
}

/** Full reference name of a tag. Throws Invalid, naming `field`, for a name that git would not take. */
export function tagRef(name: string, field = 'tag'): string {
  if (name.startsWith('-') || !isRefName(`refs/tags/${name}`)) {
    throw new StatusError('Invalid', `"${name}" cannot be the name of a tag`, {
      causes: [{ code: 'FieldValueInvalid', field, message: 'a tag is named like v1.2.0: no spaces, control characters, "..", "@{", "~", "^", ":", "?", "*", "[" or "\\", and no leading "-"' }],
    });
  }
  return `refs/tags/${name}`;
}

/** `refs/heads/main` becomes `main`, `refs/tags/v1` becomes `v1`; any other name stays whole. */
export function shortRefName(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, '');
}

function isComponent(component: string): boolean {
  return (
    component !== '' &&
    !component.startsWith('.') &&
    !component.endsWith('.lock') &&
    // eslint-disable-next-line no-control-regex -- control characters are what the rule forbids
    !/[\u0000-\u0020\u007f~^:?*[\\]/.test(component)
  );
}
