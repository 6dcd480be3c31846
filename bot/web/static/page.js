// The public chat page: one conversation; `?start=u_CODE` is a unit's link.

import { Chat } from "./chat.js";

const here = new URL(location.href);
const payload = here.searchParams.get("start");
if (payload !== null) {
  here.searchParams.delete("start");
  history.replaceState(null, "", here);
}
new Chat(document.querySelector("[data-chat]"), { begin: payload });
