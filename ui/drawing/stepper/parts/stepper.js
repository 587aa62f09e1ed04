// Steps that are all here: a press, a key or the clock goes to another one, and the server hears of
// it once nothing has moved for a moment, so that the page's address can name it.
const SECONDS = 1.6; // for a step while it plays
const REST = 400; // milliseconds

// Where each stepper stands, for the grids that are drawn later.
window.bnlabSteps ??= {};

export default function show({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".stepper");
  dress(root);
  const stepper = (root.stepper ??= build(root, data));
  stepper.tell = (step) => setStateValue("step", step);
  stepper.take(data);
  return stepper.end;
}

function build(root, { titles, jumps, name, at }) {
  const last = titles.length - 1;
  const texts = new CSSStyleSheet();
  document.adoptedStyleSheets.push(texts);
  const choice = new Choice();
  let [step, told, playing, resting] = [at, at, null, null];

  const button = (label, act) => {
    const made = element("button", "", label, { type: "button" });
    made.addEventListener("click", act);
    return made;
  };
  const goBy = (way) => () => byHand(step + way);
  const back = button("Back", goBy(-1));
  const play = button("Play", () => (playing ? pause() : start()));
  play.className = "primary";
  const next = button("Next", goBy(1));
  const first = button("To the start", () => byHand(0));
  const others = jumps.map(([label, goal]) => button(label, () => byHand(goal)));
  const slider = element("input", "", "", { type: "range", min: 1, max: last + 1, step: 1, "aria-label": "Step" });
  slider.addEventListener("input", () => byHand(Number(slider.value) - 1));
  const where = element("p", "where", "", { role: "status" });
  const bar = element("div", "bar");
  bar.append(back, play, next, first, ...others);
  root.replaceChildren(bar, slider, where);

  function byHand(goal) {
    pause();
    go(goal);
  }

  function go(goal) {
    step = Math.min(Math.max(goal, 0), last);
    draw();
    clearTimeout(resting);
    if (!playing) resting = setTimeout(tell, REST);
  }

  function tell() {
    if (step === told) return;
    told = step;
    choice.tells(step);
    stepper.tell(step);
  }

  function start() {
    if (step === last) go(0);
    playing = setInterval(() => {
      go(step + 1);
      if (step === last) pause();
    }, SECONDS * 1000);
    draw();
  }

  function pause() {
    clearInterval(playing);
    playing = null;
    clearTimeout(resting);
    resting = setTimeout(tell, REST);
    draw();
  }

  function draw() {
    where.textContent = `Step ${step + 1} of ${last + 1}: ${titles[step]}`;
    slider.value = step + 1;
    slider.setAttribute("aria-valuetext", where.textContent);
    play.textContent = playing ? "Pause" : "Play";
    back.disabled = first.disabled = step === 0;
    next.disabled = step === last;
    const items = `[class*="st-key-${name}-of-"] [data-testid=stMarkdownContainer] > ol > li`;
    texts.replaceSync(`${items} { visibility: hidden !important } ${items}:nth-child(${step + 1}) { visibility: visible !important }`);
    window.bnlabSteps[name] = step;
    dispatchEvent(new CustomEvent("bnlab:step", { detail: name }));
  }

  function take(data) {
    ({ titles } = data);
    if (choice.hears(data.at)) {
      pause();
      step = told = data.at;
    }
    draw();
  }

  function end() {
    clearInterval(playing);
    clearTimeout(resting);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== texts);
    delete window.bnlabSteps[name];
    delete root.stepper;
  }

  const stepper = { take, end, tell: () => {} };
  return stepper;
}
