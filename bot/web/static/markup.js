// Builds the bot's HTML subset from scratch: a tag that is not in it comes out as its text.

const PLAIN = new Set(["B", "I", "U", "S", "CODE", "BLOCKQUOTE"]);
const SAFE_LINK = /^(https?:|tel:|mailto:)/i;

export function fragment(html) {
  const parsed = new DOMParser().parseFromString(`<body>${html}`, "text/html");
  const built = document.createDocumentFragment();
  copy(parsed.body, built);
  return built;
}

function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      to.append(node.data);
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      const made = element(node);
      if (made) {
        copy(node, made);
        to.append(made);
      } else {
        to.append(node.textContent);
      }
    }
  }
}

function element(node) {
  if (PLAIN.has(node.tagName)) {
    return document.createElement(node.tagName);
  }
  if (node.tagName === "A" && SAFE_LINK.test(node.getAttribute("href") ?? "")) {
    const link = document.createElement("a");
    link.href = node.getAttribute("href");
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  }
  return null;
}
