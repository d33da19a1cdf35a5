import cliProgress from 'cli-progress';

/** One bar on the terminal's last line. It can be hidden for other words and shown again as it was. */
export class ProgressBar {
  private readonly shown: cliProgress.SingleBar;
  private isShown = false;
  private done = 0;
  private all = 1;
  private detail = '';

  /** @param shown in the user's language */
  constructor(
    readonly what: string,
    shown = what,
  ) {
    this.shown = new cliProgress.SingleBar({
      format: `${shown} {bar} {value}/{total} {detail}`,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      stream: process.stderr,
    });
  }

  update(done: number, all: number, detail: string): void {
    if (all !== this.all) this.hide();
    Object.assign(this, { done, all, detail });
    if (this.isShown) this.shown.update(done, { detail });
    else this.show();
  }

  /** Other words in place of the detail, until the next update. */
  tell(detail: string): void {
    if (this.isShown) this.shown.update(this.done, { detail });
  }

  isFull(): boolean {
    return this.done >= this.all;
  }

  show(): void {
    this.shown.start(this.all, this.done, { detail: this.detail });
    this.isShown = true;
  }

  hide(): void {
    if (this.isShown) this.shown.stop();
    this.isShown = false;
  }
}
