// SPDX-License-Identifier: Apache-2.0
// Shortcuts that a part of the shell answers to, found by name so that the parts do not know each other.

export type ShortcutName = 'search' | 'range' | 'earlier' | 'later' | 'now' | 'help';

const handlers = new Map<ShortcutName, () => void>();

export function onShortcut(name: ShortcutName, handler: () => void): () => void {
  handlers.set(name, handler);
  return () => {
    if (handlers.get(name) === handler) handlers.delete(name);
  };
}

export function runShortcut(name: ShortcutName): boolean {
  const handler = handlers.get(name);
  handler?.();
  return handler !== undefined;
}

/** Single letters never act inside fields, during IME composition, or with a modifier. */
export function typing(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return event.isComposing || event.key === 'Process' || (target?.closest?.('input, textarea, select, [contenteditable="true"], [role="dialog"]') ?? null) !== null;
}
