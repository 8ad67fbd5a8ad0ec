import { Root, type INamespace, type Type } from 'protobufjs/light';

/** Fields of a message: name, type and number; `[]` after the type marks a repeated one, `map<string,TYPE>` a map. */
export type MessageFields = Readonly<Record<string, readonly [type: string, id: number]>>;

/** Builds encoders and decoders of the messages, which may name each other. */
export function messageTypes(messages: Readonly<Record<string, MessageFields>>): (name: string) => Type {
  const nested: INamespace['nested'] = Object.fromEntries(
    Object.entries(messages).map(([message, fields]) => [
      message,
      {
        fields: Object.fromEntries(
          Object.entries(fields).map(([name, [type, id]]) => [name, fieldOf(type, id)]),
        ),
      },
    ]),
  );
  const root = Root.fromJSON({ nested });
  return (name) => root.lookupType(name);
}

function fieldOf(type: string, id: number) {
  const value = /^map<string,(?<value>\w+)>$/.exec(type)?.groups?.value;
  if (value !== undefined) return { keyType: 'string', type: value, id };
  return type.endsWith('[]') ? { rule: 'repeated' as const, type: type.slice(0, -2), id } : { type, id };
}
