// Events from the server, from where the page stopped. A hidden page hangs up: browsers allow few connections.

const AGAIN_MS = 2000;
const AT_MOST_MS = 32000;
const NAMES = ["hello", "said", "edited", "keyboard", "deleted", "ready"];

export class Incoming {
  constructor(base, heard, status) {
    this.base = base;
    this.heard = heard;
    this.status = status;
    this.last = "";
    this.source = null;
    this.timer = null;
    this.again = AGAIN_MS;
    this.visibility = () => (document.hidden ? this.hangUp() : this.connect());
    document.addEventListener("visibilitychange", this.visibility);
    this.connect();
  }

  connect() {
    if (this.source) return;
    const query = this.last ? `?last=${this.last}` : "";
    this.source = new EventSource(`${this.base}/events${query}`);
    for (const name of NAMES) {
      this.source.addEventListener(name, (event) => {
        if (event.lastEventId) this.last = event.lastEventId;
        if (name === "ready") this.settle();
        this.heard(name, JSON.parse(event.data));
      });
    }
    this.source.addEventListener("error", () => {
      this.status("reconnecting");
      if (this.source?.readyState === EventSource.CLOSED) {
        this.hangUp();
        this.timer = setTimeout(() => this.connect(), this.again);
        this.again = Math.min(2 * this.again, AT_MOST_MS);
      }
    });
  }

  settle() {
    this.again = AGAIN_MS;
    this.status("connected");
  }

  hangUp() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  stop() {
    document.removeEventListener("visibilitychange", this.visibility);
    this.hangUp();
  }
}
