/**
 * What the type checker says of tensors that do not fit, in the tensors' own words.
 *
 * A check in the type of a parameter is a text: `Tensor<[128, 10]> & "cannot matmul [B, 256] with [128, 10]: 256
 * against 128"` (ir/tensor/types/check.ts). TypeScript wraps it in the types it compared, as it must; in a terminal
 * the text alone says it better. Gives nothing for any other message.
 */
export function explainShapes(message: string): { readonly message: string; readonly advice?: string } | undefined {
  const [text] = [...message.matchAll(/(?:& |type ')"([^"\n]*\[[^"\n]*\][^"\n]*)"(?:'| \|)/g)].map((m) => m[1]).slice(-1);
  if (text === undefined) return undefined;
  const advice = advices.find(([start]) => start.test(text))?.[1];
  return { message: text, ...(advice !== undefined && { advice }) };
}

/** What to do, by how the text starts. */
const advices: readonly (readonly [RegExp, string])[] = [
  [/^cannot (matmul|mm|mv|bmm) .* against /, "the last dimension of the first and the one before last of the second (the only one of a vector) must be equal"],
  [/^cannot broadcast/, "dimensions must be equal, or one of them 1; line the axes up with unsqueeze, reshape or transpose"],
  [/^cannot reshape/, "a reshape keeps every element: the sizes must have the same product; one of them may be -1"],
  [/^cannot concatenate/, "all other dimensions must be equal"],
  [/^cannot stack/, "cat joins along an axis that is there"],
  [/^the layer takes/, "change the width of the layer, or of what it is given"],
];
