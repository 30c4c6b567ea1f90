import { arange, assign, defineModel, f32, i32, init, losses, nn, optim, type Scope, type Tensor } from "chainrule";

const characters = 61, width = 48, heads = 4, blocks = 2;
/** The longest text that it looks back on. */
const context = 64;

/** `[…, T, width]` as `[…, heads, T, width / heads]`. */
const split = (x: Tensor): Tensor => x.unflatten(-1, [heads, width / heads]).transpose(-3, -2);
const join = (x: Tensor): Tensor => x.transpose(-3, -2).flatten(-2, -1);

/** Self-attention of a text in which nothing looks ahead. */
function attention(scope: Scope) {
  const qkv = scope.use("qkv", nn.linear(width, 3 * width)), out = scope.use("out", nn.linear(width, width));
  // the keys and values of what has been read, for writing on: [heads, context, width / heads]
  const keys = scope.state("keys", [heads, context, width / heads]), values = scope.state("values", [heads, context, width / heads]);

  return {
    /** Of whole texts, `[B, T, width]`. */
    all(x: Tensor): Tensor {
      const [q, k, v] = qkv(x).chunk(3, -1).map(split);
      return out(join(nn.functional.scaledDotProductAttention(q, k, v, { isCausal: true })));
    },
    /** Of the character at `position`, `[1, width]`, with those before it: its key and value are written into the cache in place. */
    one(x: Tensor, position: Tensor): Tensor {
      const [q, k, v] = qkv(x).chunk(3, -1).map(split), at = position.unsqueeze(0);
      const allKeys = keys.indexCopy(1, at, k), allValues = values.indexCopy(1, at, v);
      assign(keys, allKeys);
      assign(values, allValues);
      const isRead = arange(context).le(position).unsqueeze(0);
      return out(join(nn.functional.scaledDotProductAttention(q, allKeys, allValues, { attnMask: isRead })));
    },
  };
}

/** A block of a transformer, normalised before its parts (Xiong et al. 2020). */
function block(scope: Scope) {
  const norm1 = scope.use("norm1", nn.layerNorm(width)), attend = scope.use("attention", attention);
  const norm2 = scope.use("norm2", nn.layerNorm(width));
  const mlp = scope.use("mlp", nn.sequential(nn.linear(width, 4 * width), nn.gelu(), nn.linear(4 * width, width)));
  const apply = (x: Tensor, attended: (x: Tensor) => Tensor): Tensor => {
    const y = x.add(attended(norm1(x)));
    return y.add(mlp(norm2(y)));
  };
  return {
    all: (x: Tensor): Tensor => apply(x, attend.all),
    one: (x: Tensor, position: Tensor): Tensor => apply(x, (y) => attend.one(y, position)),
  };
}

/** Continues a text, character by character: a small causal transformer, over texts of any length T up to its context. */
export default defineModel("char-gpt", (m) => {
  m.symbol("T", { max: context });
  const tokenTable = m.use("tokens", nn.embedding(characters, width, { init: init.normal(0, 0.02) }));
  const positionTable = m.use("positions", nn.embedding(context, width, { init: init.normal(0, 0.02) }));
  const layers = m.use("blocks", nn.list(Array.from({ length: blocks }, () => block)));
  const norm = m.use("norm", nn.layerNorm(width)), head = m.use("head", nn.linear(width, characters));

  type Tokens = Tensor<["B", "T"], "i32">;
  const logits = (tokens: Tokens): Tensor => {
    const x: Tensor = tokenTable(tokens).add(positionTable(arange("T")));
    return head(norm(layers.reduce((y, layer) => layer.all(y), x)));
  };
  const loss = (tokens: Tokens, next: Tokens) => losses.crossEntropy(logits(tokens).flatten(0, 1), next.flatten());

  m.fn("predict", { tokens: i32("B", "T") }, ({ tokens }) => ({ logits: logits(tokens) }));
  // the same for one text that comes character by character: what it has read is in the cache
  m.fn("step", { token: i32(), position: i32(), temperature: f32() }, ({ token, position, temperature }) => {
    const x: Tensor = tokenTable(token).add(positionTable(position)).unsqueeze(0);
    const y = head(norm(layers.reduce((y, layer) => layer.one(y, position), x)));
    return { chances: y.div(temperature).softmax(-1).squeeze(0) };
  });
  m.fn("evaluate", { tokens: i32("B", "T"), next: i32("B", "T") }, ({ tokens, next }) => ({ loss: loss(tokens, next) }));
  m.trainStep("train", { tokens: i32("B", "T"), next: i32("B", "T") }, ({ tokens, next }) => loss(tokens, next), optim.adamw({ lr: 3e-3, weightDecay: 0.01 }), { clip: optim.clipGradNorm(1) });
});
