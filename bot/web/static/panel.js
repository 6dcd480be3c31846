// The clock, which moves forward only, and what goes out.

const LOOK_MS = 1000;
const MOVING_MS = 300;
const DAY_MS = 86400000;

export class Panel {
  constructor(words, zone, notice, clock) {
    this.words = words;
    this.notice = notice;
    this.clock = clock;
    this.dayShown = new Intl.DateTimeFormat("vi-VN", { timeZone: zone, weekday: "long", day: "2-digit", month: "2-digit", year: "numeric" });
    this.hourShown = new Intl.DateTimeFormat("vi-VN", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
    this.shortShown = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit" });
    this.fieldShown = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
    for (const name of ["day", "hour", "other", "other-time", "moving", "progress", "restart", "lines", "no-lines", "sure"]) {
      this[name] = document.querySelector(`[data-part="${name}"]`);
    }
    this.moves = [...document.querySelectorAll("[data-to]")];
    this.wasMoving = false;
    for (const button of this.moves) button.addEventListener("click", () => this.move(button.dataset.to));
    this.other.addEventListener("submit", (event) => {
      event.preventDefault();
      this.move(this["other-time"].value);
    });
    this.restart.addEventListener("click", () => {
      this.sure.returnValue = "no";
      this.sure.showModal();
    });
    this.sure.addEventListener("close", () => this.sure.returnValue === "yes" && this.beginAgain());
    this.look();
  }

  async look() {
    clearTimeout(this.timer);
    try {
      if (!document.hidden) this.show(await (await fetch("stage/state")).json());
    } catch {
      // The demo is starting again, or gone: the conversations say so.
    }
    this.timer = setTimeout(() => this.look(), this.wasMoving ? MOVING_MS : LOOK_MS);
  }

  show(state) {
    this.day.textContent = this.dayShown.format(state.now);
    this.hour.textContent = this.hourShown.format(state.now);
    this.clock(state.now);
    const moving = state.journey !== null;
    for (const button of this.moves) button.disabled = moving || (button.dataset.to === "jump" && state.jump < state.now);
    this.other.querySelector("button").disabled = moving;
    this.progress.hidden = !moving;
    if (moving) {
      const { started, target } = state.journey;
      this.progress.value = (state.now - started) / Math.max(1, target - started);
      this.moving.textContent = `${this.words.demo_moving} ${this.shortShown.format(target)}`;
    } else if (this.wasMoving) {
      this.moving.textContent = this.words.demo_arrived;
    }
    const field = this["other-time"];
    field.min = this.field(state.now);
    if (document.activeElement !== field && field.value < field.min) field.value = `${this.field(state.now + DAY_MS).slice(0, 10)}T08:00`;
    this.wasMoving = moving;
    this.lines.replaceChildren(...state.lines.map((line) => this.line(line)));
    this["no-lines"].hidden = state.lines.length > 0;
  }

  field(at) {
    return this.fieldShown.format(at).replace(" ", "T");
  }

  line(line) {
    const row = document.createElement("tr");
    row.dataset.state = line.state;
    for (const shown of [line.to, line.lane, line.stateShown, this.shortShown.format(line.when)]) {
      row.insertCell().textContent = shown;
    }
    return row;
  }

  async move(to) {
    this.notice("");
    const response = await this.post("stage/clock", { to });
    if (response && !response.ok) this.notice((await response.json()).error);
    if (response?.ok) this.wasMoving = true;
    this.look();
  }

  async beginAgain() {
    this.restart.disabled = true;
    const response = await this.post("stage/restart", {});
    if (response?.ok) location.reload();
    this.restart.disabled = false;
  }

  async post(path, value) {
    try {
      return await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });
    } catch {
      this.notice(this.words.demo_failed);
      return null;
    }
  }
}
