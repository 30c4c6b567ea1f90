/** The losses of all steps, drawn on a logarithmic scale; their moving average in front. */
export class Chart {
  private readonly canvas: HTMLCanvasElement;
  private losses: number[] = [];

  constructor(canvas: HTMLCanvasElement) { this.canvas = canvas; }

  add(loss: number): void { this.losses.push(loss); }

  clear(): void {
    this.losses = [];
    this.draw();
  }

  draw(): void {
    const { canvas, losses } = this, g = canvas.getContext("2d")!;
    const style = getComputedStyle(canvas), { width, height } = canvas;
    const left = 48, bottom = 24, top = 10, right = 10;
    const high = 4, low = 0.003;
    const x = (step: number): number => left + ((width - left - right) * step) / Math.max(1, losses.length - 1);
    const y = (loss: number): number => top + ((height - top - bottom) * Math.log(high / Math.min(high, Math.max(low, loss)))) / Math.log(high / low);
    g.clearRect(0, 0, width, height);
    g.font = "12px system-ui, sans-serif";
    g.textAlign = "right";
    g.textBaseline = "middle";
    for (const loss of [3, 1, 0.3, 0.1, 0.03, 0.01]) {
      g.strokeStyle = style.getPropertyValue("--line");
      g.beginPath();
      g.moveTo(left, y(loss));
      g.lineTo(width - right, y(loss));
      g.stroke();
      g.fillStyle = style.getPropertyValue("--faint");
      g.fillText(String(loss), left - 8, y(loss));
    }
    g.textAlign = "left";
    g.fillText("loss of each step", left, height - 8);
    if (losses.length < 2) return;
    const line = (values: readonly number[], color: string, thickness: number): void => {
      g.strokeStyle = color;
      g.lineWidth = thickness;
      g.beginPath();
      values.forEach((v, i) => (i === 0 ? g.moveTo(x(i), y(v)) : g.lineTo(x(i), y(v))));
      g.stroke();
      g.lineWidth = 1;
    };
    line(losses, style.getPropertyValue("--line"), 1);
    let mean = losses[0];
    line(losses.map((v) => (mean = 0.95 * mean + 0.05 * v)), style.getPropertyValue("--accent"), 2);
  }
}
