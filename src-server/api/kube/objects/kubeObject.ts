import type { Column } from '#shared/kind/defineKind';
import type { ObjectMeta } from '#shared/kind/objectMeta';
import type { TypedEvent } from '../../../resources/resourceClient';

/** What the door needs to know of any object: one of a declared kind, or a namespace, which is derived from one. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Partial<ObjectMeta> & Pick<ObjectMeta, 'name' | 'resourceVersion'>;
}

/** The names under which objects are answered, and how they are tabulated. */
export interface ObjectView {
  /** `kradle.a5c.ai/v1alpha1`, `v1`. */
  readonly apiVersion: string;
  readonly kindName: string;
  /** Beside the name, which every table begins with. */
  readonly columns: readonly Column[];
}

export interface ObjectPage {
  readonly items: readonly KubeObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
}

/** A selection of objects that can be listed and watched. */
export interface ObjectSource {
  /** Equal for sources that tell the same to the same actor, so that they may share a watch. Absent where that is not worth while. */
  readonly identity?: string;
  page(query: { limit: number; continue?: string; atResourceVersion?: string }): Promise<ObjectPage>;
  /** Begins with a bookmark as soon as the history is delivered. Absent `resourceVersion` means from now. */
  watch(query: { resourceVersion?: string; bookmarkEveryMs: number; signal: AbortSignal }): AsyncIterable<TypedEvent<KubeObject>>;
}
