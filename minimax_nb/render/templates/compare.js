document.querySelectorAll("[data-compare]").forEach(function (root) {
  if (root.dataset.live) return;
  root.dataset.live = 1;
  var parts = Array.from(root.querySelectorAll("[data-part]")), bar = root.querySelector("[data-bar]");
  var letters = parts.map(function (part) { return part.closest("[data-side]").dataset.side; });
  function button(text, title, act) {
    var made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.title = title;
    made.style.cssText = "font:inherit;font-size:12px;color:inherit;background:transparent;cursor:pointer;" +
      "border:1px solid rgba(127,127,127,0.45);border-radius:5px;padding:2px 10px;margin:0 6px 0 0";
    made.onclick = act;
    bar.appendChild(made);
    return made;
  }
  function chosen(button, on) {
    button.style.background = on ? "rgba(56,132,232,0.25)" : "transparent";
    button.setAttribute("aria-pressed", String(on));
  }
  function slider(label, most, act) {
    var made = document.createElement("input");
    made.type = "range";
    made.min = 0;
    made.max = most;
    made.value = 0;
    made.setAttribute("aria-label", label);
    made.style.cssText = "width:220px;max-width:40%;vertical-align:middle";
    made.oninput = act;
    bar.appendChild(made);
    return made;
  }
  function file(image) {
    var link = image.closest("[data-side]").querySelector("[data-file]");
    return link ? link.href : image.src;
  }
  function pictures() {
    var scale = 1, zooms = [];
    function zoom(to) {
      scale = to;
      parts.forEach(function (image) {
        // The preview is small: close up, the file itself is shown.
        if (scale > 1) image.src = file(image);
        image.style.transform = scale === 1 ? "" : "scale(" + scale + ")";
        image.style.cursor = scale === 1 ? "zoom-in" : "zoom-out";
      });
      zooms.forEach(function (one) { chosen(one.button, one.to === scale); });
    }
    function look(event) {
      var box = event.currentTarget.getBoundingClientRect();
      var x = 100 * (event.clientX - box.left) / box.width, y = 100 * (event.clientY - box.top) / box.height;
      parts.forEach(function (image) { image.style.transformOrigin = x + "% " + y + "%"; });
    }
    root.querySelectorAll("[data-stage]").forEach(function (stage) {
      stage.onpointermove = look;
      stage.onclick = function (event) {
        look(event);
        zoom(scale === 1 ? 3 : 1);
      };
    });
    [1, 2, 3, 6].forEach(function (to) {
      zooms.push({to: to, button: button(to === 1 ? "fit" : to + "×", "Zoom all pictures", function () { zoom(to); })});
    });
    zoom(1);
    if (parts.length === 2) over();
  }
  function over() {
    var first = parts[0].closest("[data-stage]"), second = parts[1].closest("[data-side]"), cover = null;
    var range = null, both = button("A over B", "One over the other, with a slider between", function () {
      chosen(both, !cover);
      if (cover) {
        cover.remove();
        cover = null;
        range.remove();
        second.style.display = "";
        return;
      }
      cover = document.createElement("img");
      cover.alt = letters[1];
      cover.src = file(parts[1]);
      cover.style.cssText = "position:absolute;inset:0;width:100%;height:100%;object-fit:cover;pointer-events:none";
      first.style.position = "relative";
      first.appendChild(cover);
      second.style.display = "none";
      function cut() { cover.style.clipPath = "inset(0 0 0 " + range.value + "%)"; }
      range = slider("How much of A is seen", 100, cut);
      range.value = 50;
      cut();
    });
    chosen(both, false);
  }
  function together(sound) {
    var lead = parts[0], moving = false, heard = [];
    function others(act) {
      if (moving) return;
      moving = true;
      parts.forEach(function (part) { if (part !== lead) act(part); });
      moving = false;
    }
    function follow(part) { if (Math.abs(part.currentTime - lead.currentTime) > 0.08) part.currentTime = lead.currentTime; }
    function hear(at) {
      parts.forEach(function (part, number) { part.muted = number !== at; });
      heard.forEach(function (one, number) { chosen(one, number === at); });
    }
    function choose(at) {
      var from = lead;
      lead = parts[at];
      if (from !== lead && !from.paused) {
        if (Math.abs(lead.currentTime - from.currentTime) > 0.08) lead.currentTime = from.currentTime;
        if (lead.paused) lead.play();
      }
      hear(at);
    }
    parts.forEach(function (part, at) {
      part.volume = Number(part.dataset.volume || 1);
      part.preload = "auto";
      part.addEventListener("pointerdown", function () { if (lead !== part) choose(at); });
      part.addEventListener("play", function () {
        if (part === lead) others(function (other) { follow(other); other.play(); });
        if (part === lead) start.textContent = "pause";
      });
      part.addEventListener("pause", function () {
        if (part !== lead || part.ended) return;
        others(function (other) { other.pause(); });
        start.textContent = "play";
      });
      part.addEventListener("ended", function () { if (part === lead) start.textContent = "play"; });
      part.addEventListener("seeked", function () { if (part === lead) others(follow); });
      part.addEventListener("timeupdate", function () {
        if (part === lead && part.duration) place.value = 1000 * part.currentTime / part.duration;
      });
    });
    var start = button("play", "Play all together", function () {
      if (lead.paused) { lead.play(); } else { lead.pause(); }
    });
    var place = slider("Where all stand", 1000, function () {
      if (lead.duration) lead.currentTime = place.value / 1000 * lead.duration;
    });
    var words = document.createElement("span");
    words.style.cssText = "font-size:12px;opacity:0.66;margin:0 8px 0 12px";
    words.textContent = sound && parts.every(function (part) { return part.dataset.volume; }) &&
      parts.some(function (part) { return Number(part.dataset.volume) < 1; }) ? "equally loud; hear" : "hear";
    bar.appendChild(words);
    heard = letters.map(function (letter, at) {
      return button(letter, "Hear " + letter, function () { choose(at); });
    });
    hear(0);
  }
  if (parts.length < 2) return;
  if (root.dataset.compare === "image") pictures();
  if (root.dataset.compare === "video") together(false);
  if (root.dataset.compare === "audio") together(true);
});
