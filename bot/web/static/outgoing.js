// What the person said, in order, until the server has it. A message keeps its id over every attempt, so that the server
// takes it once; unsent texts and taps outlive a reload.

const LONGEST_WAIT = 15000;
const ATTEMPT_MS = 20000;
const KEPT = 100;

export class Outgoing {
  constructor(base, store, changed) {
    this.base = base;
    this.store = store;
    this.changed = changed;
    this.said = read(store);
    this.running = false;
    this.wake = null;
    addEventListener("online", () => this.wake?.());
  }

  add(message) {
    const item = { id: uuid(), state: "sending", at: null, ...message };
    this.said.push(item);
    this.said.splice(0, Math.max(0, this.said.length - KEPT));
    this.keep();
    this.run();
    return item;
  }

  forget(keep) {
    this.said = this.said.filter(keep);
    this.keep();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    let wait = 500;
    for (let item = this.next(); item; item = this.next()) {
      if (await this.attempt(item)) {
        wait = 500;
      } else {
        this.change(item, { state: "retrying" });
        await this.pause(wait);
        wait = Math.min(wait * 2, LONGEST_WAIT);
      }
    }
    this.running = false;
  }

  next() {
    return this.said.find((item) => item.state === "sending" || item.state === "retrying");
  }

  // Whether the server has decided: stored, or refused for good.
  async attempt(item) {
    try {
      const response = await this.post(item);
      if (response.ok) {
        this.change(item, { state: "sent", at: (await response.json()).at, file: undefined });
        return true;
      }
      if (response.status >= 500 || response.status === 429) return false;
      this.change(item, { state: "refused", why: (await response.json()).error, file: undefined });
      return true;
    } catch {
      return false;
    }
  }

  post(item) {
    const common = { method: "POST", signal: timeLimit(ATTEMPT_MS) };
    if (item.file) {
      return fetch(`${this.base}/files`, {
        ...common,
        headers: { "X-Message-Id": item.id, "Content-Type": "application/octet-stream" },
        body: item.file,
        signal: timeLimit(ATTEMPT_MS * 6),
      });
    }
    const said = item.data ? { data: item.data, on: item.on } : { text: item.text };
    return fetch(`${this.base}/messages`, {
      ...common,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ id: item.id, ...said }),
    });
  }

  pause(milliseconds) {
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, milliseconds);
    });
  }

  change(item, fields) {
    Object.assign(item, fields);
    this.keep();
    this.changed(item);
  }

  keep() {
    try {
      const kept = this.said.filter((item) => !item.file);
      sessionStorage.setItem(this.store, JSON.stringify(kept));
    } catch {
      // Storage is off or full: the page works, and forgets on reload.
    }
  }
}

// Old phones have no AbortSignal.timeout; there the network's own limit must do.
function timeLimit(milliseconds) {
  return AbortSignal.timeout?.(milliseconds);
}

function read(store) {
  try {
    return JSON.parse(sessionStorage.getItem(store)) ?? [];
  } catch {
    return [];
  }
}

// crypto.randomUUID exists only over https; a trial in the office network may be plain http.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
