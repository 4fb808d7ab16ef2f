/** Short words at the edge of the page that go away by themselves. */
export interface Toast {
  id: number;
  text: string;
  kind: 'note' | 'refusal';
  /** Takes back what the words tell of. */
  undo?: (() => void) | undefined;
}

const LIFE = 5000;
const LIFE_WITH_UNDO = 10_000;
const MOST = 3;

class Toasts {
  list = $state.raw<Toast[]>([]);
  private last = 0;

  show(text: string, kind: Toast['kind'] = 'note', undo?: () => void): void {
    const toast = { id: ++this.last, text, kind, undo };
    this.list = [...this.list.filter((other) => other.text !== text), toast].slice(-MOST);
    setTimeout(() => this.drop(toast.id), undo ? LIFE_WITH_UNDO : LIFE);
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
