// Put into every page before its own scripts: what runs is written down, and `everythingTouched` tries all that could.
(() => {
  window.ran = [];
  for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
    window[name] = (...words) => window.ran.push(`${name}(${words})`);
  }
  // The test itself speaks to the page through eval.
  const evaluate = window.eval;
  window.eval = (code) => (/alert|spy/.test(code) ? window.ran.push(`eval(${code})`) : evaluate(code));

  const SAFE = ["http:", "https:", "mailto:"];
  const TAGS = new Set(
    `a abbr b blockquote br code dd del dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol
    p pre q s samp small span strong sub sup table tbody td tfoot th thead tr u ul var wbr math menclose mfrac mi
    mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd
    mtext mtr munder munderover none svg line circle text rect polyline polygon section`.split(/\s+/),
  );
  const BAD_ATTRIBUTE = /^(on.*|style|srcdoc|srcset|.*:href|(form)?action|target|ping|download|data-.*|hx-.*|name|nonce)$/i;

  // What this browser has made of the HTML, where it is not what an author may write.
  window.foreignIn = (root) => {
    const found = [];
    for (const element of root.querySelectorAll("*")) {
      const place = element.closest("[data-payload]")?.dataset.payload;
      if (!TAGS.has(element.localName)) found.push(`${place}: <${element.localName}>`);
      for (const { name, value } of element.attributes) {
        if (BAD_ATTRIBUTE.test(name) && name !== "data-payload") found.push(`${place}: ${name}=${value}`);
      }
      const address = element.getAttribute("href");
      if (address !== null && !SAFE.includes(new URL(address, location.href).protocol)) found.push(`${place}: ${address}`);
      if (element.src && !element.src.startsWith("data:image/png;")) found.push(`${place}: src=${element.src}`);
    }
    return found;
  };

  // Points at, focuses and clicks every element. A link to the web or to a place in the page is not followed.
  window.everythingTouched = (root) => {
    const stay = (event) => {
      if (SAFE.includes(event.target.closest("a[href]")?.protocol ?? "https:")) event.preventDefault();
    };
    document.addEventListener("click", stay);
    const elements = [...root.querySelectorAll("*")];
    for (const element of elements) {
      for (const name of ["pointerover", "mouseover", "mouseenter", "mousedown", "mouseup", "keydown", "input", "load"]) {
        element.dispatchEvent(new Event(name, { bubbles: true }));
      }
      element.focus?.();
      element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
      element.blur?.();
    }
    document.removeEventListener("click", stay);
    return elements.length;
  };
})();
