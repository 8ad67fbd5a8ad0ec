export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface ObjectInfo {
  readonly oid: string;
  readonly type: ObjectType;
  /** Length of the content. */
  readonly sizeBytes: number;
}

export interface GitObject extends ObjectInfo {
  readonly content: Buffer;
}

/** Reads objects and references of one repository. Two implementations agree on it: see objectReader.test.ts. */
export interface ObjectReader {
  /** What a full object id names; undefined when the repository has no such object. */
  info(oid: string): Promise<ObjectInfo | undefined>;
  /** Reads a whole object; undefined when it is missing. Throws ObjectTooLarge when its content is longer than `maxBytes`. */
  read(oid: string, maxBytes: number): Promise<GitObject | undefined>;
  /** The object id that a full reference name (`refs/heads/main`) or `HEAD` has now; tags are not peeled. */
  resolve(ref: string): Promise<string | undefined>;
  /** The one object id that starts with these digits; undefined when there is none or more than one. */
  expand(prefix: string): Promise<string | undefined>;
  close(): void;
}

export class ObjectTooLarge extends Error {
  override readonly name = 'ObjectTooLarge';
  readonly object: ObjectInfo;

  constructor(object: ObjectInfo, maxBytes: number) {
    super(`${object.type} ${object.oid} has ${object.sizeBytes} bytes; ${maxBytes} are accepted`);
    this.object = object;
  }
}
