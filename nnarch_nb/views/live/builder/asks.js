// What is asked of the kernel, one question at a time. An answer carries its question's number; one that
// nobody waits for any more is dropped. Text typed while a question is out waits as one, in its newest form.
// What an act is about may be a function: asked once its turn comes, it tells where its row is by then.

const PATIENCE = 8000; // milliseconds
const PAUSE = 500; // without a change, before the graph is drawn; as long as the last drawing took, if that is more
const LONGEST_PAUSE = 4000;

const GONE = "The kernel is gone, so nothing can be changed any more. The text can still be copied.";
const SILENT = "The kernel has not answered yet: it is busy, or gone. What you did is kept until it answers.";

export class Asks {
  // `heard` has a function for each kind of answer; `say(line, refused)` shows a line.
  constructor(model, heard, say, signal) {
    Object.assign(this, { model, heard, say, number: 0, waiting: [], out: null, drawing: 0, took: 0 });
    const listen = (message) => this.hear(message);
    model.on("msg:custom", listen);
    signal.addEventListener("abort", () => {
      [this.timer, this.pause].forEach(clearTimeout);
      model.off("msg:custom", listen);
    });
  }

  // `mark` comes back with the answer, as part of its question.
  act(act, what = {}, mark = 0) {
    const last = this.waiting.at(-1);
    if (act === "text" && last?.act === "text") this.waiting.pop();
    this.ask({ kind: "act", act, mark, what });
  }

  ask(question) {
    this.waiting.push(question);
    this.next();
  }

  get busy() {
    return this.out !== null || this.waiting.length > 0;
  }

  next() {
    if (this.out || !this.waiting.length) return;
    if (this.waiting[0].kind === "use") {
      // It may have to wait for a cell that runs; what is done to the draft does not.
      this.using = ++this.number;
      this.tell({ ...this.waiting.shift(), number: this.using });
      this.next();
      return;
    }
    const { what, ...question } = this.waiting.shift();
    const told = typeof what === "function" ? what() : what;
    if (told === null) {
      this.next(); // there is nothing any more that it could be about
      return;
    }
    this.out = { ...question, ...told, number: ++this.number };
    this.drawing = 0; // a drawing under way is of an earlier draft
    clearTimeout(this.pause);
    if (!this.tell(this.out)) {
      this.waiting = [];
      this.out = null;
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.say(SILENT, true), PATIENCE);
  }

  // Draw once nothing has been changed for a moment.
  drawSoon() {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
      if (this.busy) return;
      this.drawing = ++this.number;
      this.begun = performance.now();
      this.tell({ kind: "draw", number: this.drawing });
    }, Math.min(Math.max(PAUSE, this.took), LONGEST_PAUSE));
  }

  hear(message) {
    if (message?.kind === "draw") {
      this.took = performance.now() - this.begun; // what comes meanwhile has to wait so long
      if (message.number === this.drawing) this.heard.draw(message);
      return;
    }
    if (message?.kind === "use") {
      if (message.number === this.using) this.heard.use(message);
      return;
    }
    if (!this.out || message?.number !== this.out.number) return;
    const question = this.out;
    clearTimeout(this.timer);
    this.out = null;
    this.heard[question.kind]?.(message, question);
    this.next();
  }

  tell(content) {
    try {
      this.model.send(content);
      return true;
    } catch {
      this.say(GONE, true);
      return false;
    }
  }
}
