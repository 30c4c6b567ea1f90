/** Pixels of the images that the network knows: 8 by 8, each from 0 to 1. */
const side = 8;
/** Finer pixels in each direction of one of these. */
const fine = 4;

/** A canvas to draw a digit on, which gives it as the network's images are: filling the frame, and counted in blocks. */
export class Pad {
  private readonly canvas: HTMLCanvasElement;
  private readonly pen: CanvasRenderingContext2D;

  constructor(canvas: HTMLCanvasElement, onChange: () => void) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d", { willReadFrequently: true })!;
    this.pen.lineCap = this.pen.lineJoin = "round";
    this.pen.lineWidth = 22;
    let last: { x: number; y: number } | undefined;
    const at = (e: PointerEvent): { x: number; y: number } => {
      const box = canvas.getBoundingClientRect();
      return { x: ((e.clientX - box.left) * canvas.width) / box.width, y: ((e.clientY - box.top) * canvas.height) / box.height };
    };
    canvas.addEventListener("pointerdown", (e) => {
      canvas.setPointerCapture(e.pointerId);
      last = at(e);
    });
    canvas.addEventListener("pointermove", (e) => {
      if (!last) return;
      const next = at(e);
      this.pen.beginPath();
      this.pen.moveTo(last.x, last.y);
      this.pen.lineTo(next.x, next.y);
      this.pen.stroke();
      last = next;
      onChange();
    });
    for (const end of ["pointerup", "pointercancel"] as const) canvas.addEventListener(end, () => { last = undefined; });
  }

  clear(): void { this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height); }

  /** The drawing as 64 numbers, or undefined where there is none. */
  image(): Float32Array<ArrayBuffer> | undefined {
    const { width, height } = this.canvas, { data } = this.pen.getImageData(0, 0, width, height);
    const isInk = (x: number, y: number): boolean => data[4 * (y * width + x) + 3] > 127;
    let left = width, right = -1, top = height, bottom = -1;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (isInk(x, y)) {
          left = Math.min(left, x);
          right = Math.max(right, x);
          top = Math.min(top, y);
          bottom = Math.max(bottom, y);
        }
    if (right < 0) return undefined;
    const size = Math.max(right - left, bottom - top) + 1, across = side * fine;
    const x0 = (left + right + 1 - size) / 2, y0 = (top + bottom + 1 - size) / 2;
    const image = new Float32Array(side * side);
    for (let i = 0; i < across; i++)
      for (let j = 0; j < across; j++) {
        const x = Math.floor(x0 + ((j + 0.5) * size) / across), y = Math.floor(y0 + ((i + 0.5) * size) / across);
        if (x >= 0 && x < width && y >= 0 && y < height && isInk(x, y)) image[Math.floor(i / fine) * side + Math.floor(j / fine)] += 1 / fine ** 2;
      }
    return image;
  }
}
