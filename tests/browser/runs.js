// Watches a page's websocket and knows whether the server has answered everything it was asked.
//
// Streamlit's own sign, an attribute that says "notRunning", still says so between an action and
// the server's first word about it. The messages are protobuf: only their outer fields are read
// (the numbers are those of BackMsg.proto, ClientState.proto and ForwardMsg.proto).
(() => {
  const runs = { asked: [], going: false, ended: 0 };
  window.bnlabRuns = runs;
  runs.quiet = () => runs.ended > 0 && !runs.going && runs.asked.length === 0;

  // The fields of a message: pairs of a number and a value (bytes for what is nested).
  function fields(bytes) {
    const found = [];
    let at = 0;
    function varint() {
      let value = 0;
      let scale = 1;
      let byte;
      do {
        byte = bytes[at++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte & 128);
      return value;
    }
    while (at < bytes.length) {
      const tag = varint();
      const kind = tag % 8;
      let value;
      if (kind === 0) {
        value = varint();
      } else {
        const length = kind === 2 ? varint() : kind === 1 ? 8 : 4;
        value = bytes.subarray(at, at + length);
        at += length;
      }
      found.push([Math.floor(tag / 8), value]);
    }
    return found;
  }
  const all = (found, number) => found.filter(([n]) => n === number).map(([, value]) => value);
  const texts = (found, number) =>
    all(found, number).map((bytes) => new TextDecoder().decode(bytes));

  function sent(data) {
    for (const rerun of all(fields(data), 11)) { // BackMsg.rerun_script
      const state = fields(rerun);
      if (all(state, 6)[0]) continue; // ClientState.is_auto_rerun: a fragment's own clock
      runs.asked.push(texts(state, 5)[0] ?? ""); // ClientState.fragment_id
    }
  }

  function received(data) {
    const message = fields(data);
    if (all(message, 4).length) { // ForwardMsg.new_session: a run begins, of the page or fragments
      // ForwardMsgMetadata.run and its fragment_ids; none: the whole page
      const run = all(message, 2).flatMap((metadata) => all(fields(metadata), 6));
      const fragments = run.flatMap((descriptor) => texts(fields(descriptor), 2));
      runs.asked = fragments.length ? runs.asked.filter((id) => !fragments.includes(id)) : [];
      runs.going = true;
    }
    if (all(message, 6).length) { // ForwardMsg.script_finished
      runs.going = false;
      runs.ended += 1;
    }
  }

  // What repeats itself in the browser: how many clocks ring every so many milliseconds.
  const clocks = new Map();
  const { setInterval, clearInterval } = window;
  window.setInterval = (what, pace, ...rest) => {
    const id = setInterval.call(window, what, pace, ...rest);
    clocks.set(id, pace);
    return id;
  };
  window.clearInterval = (id) => {
    clocks.delete(id);
    clearInterval.call(window, id);
  };
  runs.clocks = (pace) => [...clocks.values()].filter((each) => Math.abs(each - pace) < 1).length;

  const Original = window.WebSocket;
  window.WebSocket = class extends Original {
    constructor(...all) {
      super(...all);
      // A new connection asks anew; a session that is resumed has nothing to ask.
      Object.assign(runs, { asked: [], going: false });
      this.addEventListener("message", ({ data }) => {
        if (data instanceof ArrayBuffer) received(new Uint8Array(data));
      });
    }
    send(data) {
      if (ArrayBuffer.isView(data)) sent(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      super.send(data);
    }
  };
})();
