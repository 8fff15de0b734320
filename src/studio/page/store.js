// What the page shows, as values that are replaced and never changed, so that every step can be undone.

const MOST_STEPS = 200;

class Store extends EventTarget {
  state = {};
  #past = [];
  #future = [];

  /**
   * Changes the state. Steps of one `group` in a row are undone together.
   * @param {object} patch
   * @param {{undo?: boolean, group?: string}} [how]
   */
  set(patch, {undo = true, group = ''} = {}) {
    if (undo && !(group && group === this.group)) {
      this.#past.push(this.state);
      if (this.#past.length > MOST_STEPS) this.#past.shift();
      this.#future = [];
    }
    if (undo) this.group = group;
    this.#show({...this.state, ...patch});
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  #step(from, to) {
    const next = from.pop();
    if (!next) return;
    to.push(this.state);
    this.group = '';
    this.#show(next);
  }

  #show(state) {
    const before = this.state;
    this.state = state;
    this.dispatchEvent(new CustomEvent('change', {detail: before}));
  }
}

export const store = new Store();
