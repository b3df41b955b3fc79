// What is asked of the kernel: a picture drawn anew. It may be busy, or gone.

const PATIENCE = 8000; // milliseconds

const GONE = "The kernel is gone, so nothing can be opened or folded; run the cell again. " +
  "Moving, zooming and finding still work.";
const SILENT = "The kernel has not answered yet: it is busy, or gone. The picture stays as it is until then.";

export class Kernel {
  constructor(model, say, signal) {
    Object.assign(this, { model, say, waiting: undefined });
    this.heard = (message) => this.hear(message);
    model.on("msg:custom", this.heard);
    signal.addEventListener("abort", () => {
      clearTimeout(this.timer);
      model.off("msg:custom", this.heard);
    });
  }

  get busy() {
    return this.waiting !== undefined;
  }

  // Ask for an act on a part; `told` is kept until the picture has come.
  ask(act, part, told) {
    if (!this.tell({ kind: "draw", act, path: part?.asks ?? "" })) return;
    this.waiting = told;
    this.say("Drawing anew …");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.waiting = undefined;
      this.say(SILENT);
    }, PATIENCE);
  }

  hear(message) {
    if (message?.kind !== "drawn") return;
    clearTimeout(this.timer);
    this.waiting = undefined;
    this.say(message.line);
  }

  tell(content) {
    try {
      this.model.send(content);
      return true;
    } catch {
      this.say(GONE);
      return false;
    }
  }
}
