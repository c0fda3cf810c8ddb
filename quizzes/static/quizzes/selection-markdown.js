// What is selected in a lesson, as the Markdown that gives it again: code stays code, and a $ stays a $.

const SIGNS = /[\\`*_[\]$]|==|<(?=[a-z/!])/gi;
const AROUND = { STRONG: "**", B: "**", EM: "*", I: "*", MARK: "==", CODE: "`" };
const BLOCKS = new Set(["P", "DIV", "LI", "TR", "DT", "DD", "BLOCKQUOTE", "FIGCAPTION", "FIGURE", "H2", "H3", "H4"]);
const LEFT_OUT = new Set(["BUTTON", "FORM", "SVG", "SCRIPT", "STYLE", "INPUT", "TEXTAREA", "SELECT"]);

function block(text) {
  return text.trim() ? `\n\n${text.trim()}\n\n` : "";
}

function written(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    return node.data.replace(/\s+/g, " ").replace(SIGNS, (sign) => `\\${sign}`);
  }
  const name = node.nodeName.toUpperCase();
  if (LEFT_OUT.has(name)) return "";
  if (name === "PRE") return block(`\`\`\`\n${node.textContent.replace(/\n$/, "")}\n\`\`\``);
  if (name === "CODE") return node.textContent ? `\`${node.textContent}\`` : "";
  if (name === "MATH") return node.textContent.replace(/\s+/g, " ").trim();
  if (name === "BR") return "\n";
  const inner = [...node.childNodes].map(written).join("");
  if (AROUND[name]) return inner.trim() ? `${AROUND[name]}${inner.trim()}${AROUND[name]}` : inner;
  if (name === "LI") return `\n- ${inner.trim().replace(/\n+/g, " ")}\n`;
  return BLOCKS.has(name) ? block(inner) : inner;
}

export function markdownOf(range) {
  const start = range.startContainer;
  const code = (start.nodeType === Node.ELEMENT_NODE ? start : start.parentElement)?.closest("pre");
  if (code?.contains(range.endContainer)) return `\`\`\`\n${range.toString().replace(/\n$/, "")}\n\`\`\``;
  const text = written(range.cloneContents());
  return text.replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").replace(/\n\n(?=- )/g, "\n").trim();
}
