// Keeps the preview fresh: asks every second whether a file changed, and takes up the new page in place.

const SECOND = 1000;
const words = JSON.parse(document.body.dataset.words);
const part = (name, root = document) => root.querySelector(`[data-part="${name}"]`);

for (const select of document.querySelectorAll("select[data-name]")) {
  select.addEventListener("change", () => {
    const here = new URL(location.href);
    here.searchParams.set(select.dataset.name, select.value);
    location.assign(here);
  });
}

const find = part("find");
find.addEventListener("input", narrow);

function narrow() {
  const wanted = find.value.trim().toLocaleLowerCase("vi");
  for (const article of document.querySelectorAll("article")) {
    article.hidden = wanted !== "" && !article.textContent.toLocaleLowerCase("vi").includes(wanted);
  }
}

async function look() {
  try {
    const { token } = await (await fetch("token")).json();
    if (token !== document.body.dataset.token) {
      await renew();
    }
    part("status").textContent = words.preview_live;
  } catch {
    part("status").textContent = words.preview_lost;
  }
  setTimeout(look, SECOND);
}

async function renew() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  part("main").replaceChildren(...part("main", page).childNodes);
  document.querySelector(".what").replaceChildren(...page.querySelector(".what").childNodes);
  document.body.dataset.token = page.body.dataset.token;
  narrow();
}

setTimeout(look, SECOND);
