// How what comes of training gets onto the screen: all of it at once when training rests. While it goes on, the maps in each frame,
// and the other parts in turn, one a frame: with each the page is laid out anew, which takes longer than the maps.

export class Turns {
  maps; parts;

  /** @param {() => void} maps What is drawn in each frame. @param {(() => void)[]} parts The others; one that is wanted more often is there more often. */
  constructor(maps, parts) {
    Object.assign(this, { maps, parts, next: 0, waiting: null, wanted: false });
  }

  all() {
    this.wanted = false;
    this.maps();
    for (const part of new Set(this.parts)) part();
  }

  /** When the screen is drawn next, unless all of it has been drawn before. */
  soon() {
    this.wanted = true;
    this.waiting ??= new Promise(requestAnimationFrame).then(() => {
      this.waiting = null;
      if (!this.wanted) return;
      this.maps();
      this.parts[this.next]();
      this.next = (this.next + 1) % this.parts.length;
    });
  }
}
