import { Root, type INamespace, type Type } from 'protobufjs/light';

/** Fields of a message: name, type and number; `[]` after the type marks a repeated one. */
export type MessageFields = Readonly<Record<string, readonly [type: string, id: number]>>;

/** Builds encoders and decoders of the messages, which may name each other. */
export function messageTypes(messages: Readonly<Record<string, MessageFields>>): (name: string) => Type {
  const nested: INamespace['nested'] = Object.fromEntries(
    Object.entries(messages).map(([message, fields]) => [
      message,
      {
        fields: Object.fromEntries(
          Object.entries(fields).map(([name, [type, id]]) => [name, type.endsWith('[]') ? { rule: 'repeated' as const, type: type.slice(0, -2), id } : { type, id }]),
        ),
      },
    ]),
  );
  const root = Root.fromJSON({ nested });
  return (name) => root.lookupType(name);
}
