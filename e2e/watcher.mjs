// A viewer without a browser: what a bot would be. It keeps all that it is told.

export class Watcher {
  frames = [];
  #ws;
  #ids = 0;
  #waiting = new Set();

  /** Joins a room; data is that of the command join. */
  static async join(node, room, data = {}) {
    const w = new Watcher();
    w.#ws = new WebSocket(`ws://127.0.0.1:${node.port}/api/v1/rooms/${room}/ws`, 'kinoautomat.v1');
    w.#ws.onmessage = (event) => w.#take(JSON.parse(event.data));
    w.closed = new Promise((resolve) => (w.#ws.onclose = (event) => resolve(event.code)));
    await new Promise((resolve, reject) => {
      w.#ws.onopen = resolve;
      w.#ws.onerror = reject;
    });
    w.welcome = (await w.do('join', data)).data;
    return w;
  }

  #take(frame) {
    this.frames.push(frame);
    for (const wait of this.#waiting) wait(frame);
  }

  /** The first frame, of those that came already or will come, that fits. */
  next(fits, what = 'a frame') {
    const known = this.frames.find(fits);
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${what} did not come`)), 60_000);
      const wait = (frame) => {
        if (!fits(frame)) return;
        clearTimeout(late);
        this.#waiting.delete(wait);
        resolve(frame);
      };
      this.#waiting.add(wait);
    });
  }

  /** The next event of a type, of those behind the first `from` frames. */
  event(type, from = 0) {
    return this.next((frame) => frame.type === type && this.frames.indexOf(frame) >= from, type);
  }

  /** Sends a command and returns its answer; a refusal is thrown. */
  async do(type, data) {
    const id = `w${++this.#ids}`;
    this.#ws.send(JSON.stringify({ type, id, data }));
    const answer = await this.next((frame) => frame.id === id, `the answer to ${type}`);
    if (answer.type === 'error') throw Object.assign(new Error(answer.data.message), { code: answer.data.code });
    return answer;
  }

  leave() {
    this.#ws.close();
  }
}
