import type { RunEvent } from '../api/agents';
import type { PlanEntryView, RunItem, RunPermissionItem, RunToolItem, RunUsageView, RunView, RunViewLimits } from './runView';

/** A view being changed by one batch of events: copies what it touches, once. */
export class RunViewDraft {
  readonly limits: RunViewLimits;
  plan: readonly PlanEntryView[];
  usage: RunUsageView;
  phase: RunView['phase'];
  agent: RunView['agent'];
  session: RunView['session'];
  commands: RunView['commands'];
  readonly #view: RunView;
  #lastSeq: number;
  #eventCount: number;
  #items: RunItem[] | undefined;
  #open: number[] | undefined;
  #toolIndex: Map<string, number> | undefined;
  #permissionIndex: Map<string, number> | undefined;

  constructor(view: RunView, limits: RunViewLimits) {
    this.#view = view;
    this.limits = limits;
    this.#lastSeq = view.lastSeq;
    this.#eventCount = view.eventCount;
    this.plan = view.plan;
    this.usage = view.usage;
    this.phase = view.phase;
    this.agent = view.agent;
    this.session = view.session;
    this.commands = view.commands;
  }

  /** Counts the event; false when it was folded in before. */
  accept(event: RunEvent): boolean {
    if (event.seq <= this.#lastSeq) return false;
    this.#lastSeq = event.seq;
    this.#eventCount += 1;
    return true;
  }

  get last(): RunItem | undefined {
    return (this.#items ?? this.#view.items).at(-1);
  }

  /** Adds the item, or drops it when the view is full; answers its position. */
  push(item: RunItem): number | undefined {
    const items = (this.#items ??= [...this.#view.items]);
    if (items.length >= this.limits.items) return undefined;
    return items.push(item) - 1;
  }

  replaceLast(item: RunItem): void {
    const items = (this.#items ??= [...this.#view.items]);
    items[items.length - 1] = item;
  }

  replace(index: number, item: RunItem): void {
    (this.#items ??= [...this.#view.items])[index] = item;
  }

  findTool(toolCallId: string): { index: number; item: RunToolItem } | undefined {
    return this.#find((this.#toolIndex ?? this.#view.toolIndex).get(toolCallId), 'tool');
  }

  findPermission(key: string): { index: number; item: RunPermissionItem } | undefined {
    return this.#find((this.#permissionIndex ?? this.#view.permissionIndex).get(key), 'permission');
  }

  pushTool(item: RunToolItem): void {
    const index = this.push(item);
    if (index !== undefined) (this.#toolIndex ??= new Map(this.#view.toolIndex)).set(item.toolCallId, index);
  }

  pushPermission(item: RunPermissionItem, key: string): void {
    const index = this.push(item);
    if (index === undefined) return;
    (this.#permissionIndex ??= new Map(this.#view.permissionIndex)).set(key, index);
    if (item.outcome === undefined) (this.#open ??= [...this.#view.openPermissions]).push(index);
  }

  closePermission(index: number): void {
    this.#open = (this.#open ?? this.#view.openPermissions).filter((each) => each !== index);
  }

  finish(): RunView {
    if (this.#eventCount === this.#view.eventCount) return this.#view;
    return {
      lastSeq: this.#lastSeq,
      eventCount: this.#eventCount,
      items: this.#items ?? this.#view.items,
      plan: this.plan,
      usage: this.usage,
      ...(this.phase === undefined ? {} : { phase: this.phase }),
      ...(this.agent === undefined ? {} : { agent: this.agent }),
      ...(this.session === undefined ? {} : { session: this.session }),
      commands: this.commands,
      openPermissions: this.#open ?? this.#view.openPermissions,
      toolIndex: this.#toolIndex ?? this.#view.toolIndex,
      permissionIndex: this.#permissionIndex ?? this.#view.permissionIndex,
    };
  }

  #find<TType extends RunItem['type']>(index: number | undefined, type: TType): { index: number; item: Extract<RunItem, { type: TType }> } | undefined {
    if (index === undefined) return undefined;
    const item = (this.#items ?? this.#view.items)[index];
    return item?.type === type ? { index, item: item as Extract<RunItem, { type: TType }> } : undefined;
  }
}
