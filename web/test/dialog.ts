/**
 * jsdom knows `<dialog>` but none of its methods. This is what browsers do, as far as the page relies on it: focus moves
 * in on opening, and goes back on closing. A dialog that left the document before it was closed gives no focus back.
 */
export function standInForDialogs(): void {
  const before = new WeakMap<HTMLDialogElement, Element | null>();
  Object.assign(HTMLDialogElement.prototype, {
    showModal(this: HTMLDialogElement) {
      if (this.open) throw new DOMException('The dialog is open already.', 'InvalidStateError');
      before.set(this, document.activeElement);
      this.open = true;
      this.querySelector<HTMLElement>('button:not(:disabled), a[href], input')?.focus();
    },
    close(this: HTMLDialogElement) {
      if (!this.open) return;
      this.open = false;
      const focused = before.get(this);
      if (this.isConnected && focused instanceof HTMLElement) focused.focus();
    },
  });
}
