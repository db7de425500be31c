const GREY = "rgba(127,127,127,0.45)";
const CHOICES = [
  ["A", "A is better", "a"], ["B", "B is better", "b"], ["tie", "tie", "t"], ["both bad", "both bad", "x"],
];

function element(tag, style, text) {
  const made = document.createElement(tag);
  made.style.cssText = style || "";
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(text, title, act) {
  const made = element("button", "font:inherit;font-size:13px;color:inherit;background:transparent;cursor:pointer;" +
    "border:1px solid " + GREY + ";border-radius:6px;padding:5px 14px", text);
  made.type = "button";
  made.title = title;
  made.onclick = act;
  return made;
}

function key(letter) {
  return element("span", "display:inline-block;margin:0 0 0 8px;padding:0 5px;border:1px solid " + GREY +
    ";border-radius:4px;font-size:11px;opacity:0.66", letter);
}

function head(page, model) {
  const made = element("div", "display:flex;flex-wrap:wrap;gap:4px 14px;align-items:center;margin:0 0 8px");
  made.append(element("span", "font-weight:600", "Pair " + page.number + " of " + page.total));
  const track = element("span", "display:inline-block;width:120px;height:5px;border-radius:3px;overflow:hidden;" +
    "background:rgba(127,127,127,0.22)");
  track.append(element("span", "display:block;height:5px;background:rgba(56,132,232,1);width:" +
    100 * page.answered / page.total + "%"));
  made.append(track, element("span", "opacity:0.66", page.answered + " answered"));
  const label = element("label", "margin:0 0 0 auto;opacity:0.8", "rater ");
  const name = element("input", "font:inherit;color:inherit;background:transparent;border:1px solid " + GREY +
    ";border-radius:5px;padding:1px 8px;width:130px");
  name.value = page.rater;
  name.onchange = () => { if (name.value.trim() && name.value !== page.rater) model.send({rater: name.value}); };
  label.append(name);
  made.append(label);
  return made;
}

function stars(letter, given) {
  const made = element("div", "margin:4px 0 0;font-size:20px;line-height:24px");
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", "Stars for " + letter);
  const all = [1, 2, 3, 4, 5].map(number => {
    const star = element("button", "font:inherit;border:none;background:transparent;cursor:pointer;padding:0 2px;" +
      "color:inherit", "☆");
    star.type = "button";
    star.title = star.ariaLabel = number + " of 5 for " + letter;
    star.onclick = () => {
      given[letter] = given[letter] === number ? null : number;
      all.forEach((one, at) => {
        const on = at < (given[letter] || 0);
        one.textContent = on ? "★" : "☆";
        one.style.color = on ? "rgba(222,160,20,1)" : "inherit";
        one.style.opacity = on ? 1 : 0.5;
      });
    };
    star.style.opacity = 0.5;
    return star;
  });
  made.append(...all);
  return made;
}

function side(letter, what, given) {
  const made = element("div", "min-width:0");
  made.append(element("div", "font-weight:600;font-size:15px;margin:0 0 4px", letter));
  const stage = element("div", "min-height:60px;border-radius:6px;overflow:hidden;background:rgba(127,127,127,0.1)");
  made.append(stage, stars(letter, given));
  return {box: made, stage, what, letter};
}

function place(shown, mime, bytes, urls) {
  const {stage, what, letter} = shown;
  stage.replaceChildren();
  if (what.kind === "text") {
    stage.append(element("div", "padding:8px 14px;white-space:pre-wrap;overflow-wrap:break-word",
      new TextDecoder().decode(bytes)));
    return;
  }
  const url = URL.createObjectURL(new Blob([bytes], {type: mime}));
  urls.push(url);
  const tag = what.kind === "image" ? "img" : what.kind;
  const made = element(tag, "display:block;width:100%;" + (tag === "audio" ? "" : "max-height:62vh;object-fit:contain"));
  if (tag === "img") {
    made.alt = letter;
  } else {
    made.controls = true;
    made.volume = what.volume;
    made.setAttribute("aria-label", letter);
    made.setAttribute("controlslist", "nodownload");
    // One at a time; what is heard next begins where it is asked to.
    made.onplay = () => stage.parentNode.parentNode.querySelectorAll("audio,video").forEach(
      other => { if (other !== made) other.pause(); });
  }
  if (tag === "audio") stage.style.cssText += ";min-height:0;background:transparent";
  made.src = url;
  stage.append(made);
}

function render({model, el}) {
  let urls = [], sides = {}, given = {}, sent = false;
  const root = element("div", "font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;" +
    "font-size:13px;line-height:1.5;max-width:1180px;margin:2px 0 4px;padding:12px 14px;outline-offset:2px;" +
    "border:1px solid rgba(127,127,127,0.22);border-radius:8px");
  root.tabIndex = 0;
  root.className = "minimax-rating";
  // The notebook's own keys (a: new cell, x: cut it) must not act here.
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  el.append(root);

  function vote(choice) {
    const page = model.get("page");
    if (sent || !page.number) return;
    sent = true;
    model.send({vote: choice, number: page.number, stars: [given.A || null, given.B || null]});
  }
  function undo() { model.send({undo: true}); }
  function forget() {
    urls.forEach(url => URL.revokeObjectURL(url));
    urls = [];
  }

  root.onkeydown = event => {
    event.stopPropagation();
    if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey) return;
    const found = CHOICES.find(([, , letter]) => letter === event.key.toLowerCase());
    if (found) vote(found[0]);
    else if (event.key.toLowerCase() === "u") undo();
    else return;
    event.preventDefault();
  };

  function draw() {
    const page = model.get("page"), had = root.contains(document.activeElement);
    forget();
    sent = false;
    given = {};
    root.replaceChildren();
    if (page.html) {
      root.innerHTML = page.html;
      return;
    }
    sides = {a: side("A", page.a, given), b: side("B", page.b, given)};
    const question = element("div", "margin:0 0 10px;white-space:pre-wrap;overflow-wrap:break-word", page.prompt);
    const both = element("div", "display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:14px");
    both.append(sides.a.box, sides.b.box);
    const bar = element("div", "display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:12px 0 0");
    for (const [choice, words, letter] of CHOICES) {
      const made = button(words, "Key " + letter, () => vote(choice));
      made.append(key(letter));
      bar.append(made);
    }
    const back = button("undo", "Take the last answer back: key u", undo);
    back.style.marginLeft = "auto";
    back.append(key("u"));
    back.disabled = page.answered === 0;
    back.style.opacity = back.disabled ? 0.4 : 1;
    bar.append(back);
    root.append(head(page, model), question, both, bar);
    if (page.a.volume < 1 || page.b.volume < 1)
      root.append(element("div", "margin:8px 0 0;font-size:12px;opacity:0.66", "Both play equally loud."));
    for (const line of page.notes || [])
      root.append(element("div", "margin:6px 0 0;font-size:12px;opacity:0.66", line));
    const problem = element("div", "margin:6px 0 0;color:rgba(214,69,65,1)", page.problem || "");
    problem.setAttribute("role", "alert");
    root.append(problem);
    if (had) root.focus({preventScroll: true});
    model.send({get: true, number: page.number});
  }

  function arrived(message, buffers) {
    const page = model.get("page");
    if (message.number !== page.number || !sides[message.side]) return;
    const data = buffers[0];
    place(sides[message.side], message.mime, data.buffer ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data, urls);
  }

  model.on("change:page", draw);
  model.on("msg:custom", arrived);
  draw();
  return () => {
    forget();
    model.off("change:page", draw);
    model.off("msg:custom", arrived);
  };
}

export default {render};
