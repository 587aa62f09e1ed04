// A choice is known here before the server repeats it, and its repetition may be one of a while ago.
class Choice {
  #pending = [];
  #heard;

  tells(value) {
    this.#pending.push(JSON.stringify(value));
  }

  // Whether the server says something new: from the link, or from elsewhere on the page.
  hears(value) {
    const text = JSON.stringify(value);
    const known = this.#pending.indexOf(text);
    const news = known < 0 && text !== this.#heard;
    if (known >= 0) this.#pending.splice(0, known + 1);
    this.#heard = text;
    return news;
  }
}
