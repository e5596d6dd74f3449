/** Makes passages of a truth that knows boxes but not whose: boxes of one thing overlap from sample to sample. Pure. */
import { iou, moved } from "../src/tracking/box-geometry.ts";
import type { Truth, TruthFrame, TruthPassage } from "./score.ts";

/** A chain of boxes. */
interface Chain {
  readonly id: string;
  readonly fromFrame: number;
  toFrame: number;
  samples: number;
  box: TruthFrame["objects"][number]["box"];
  dx: number;
  dy: number;
}

/** Samples that a passage needs: shorter chains are remains of chains broken by the truth's own gaps. */
const MIN_SAMPLES = 6;
const MIN_OVERLAP = 0.2;

/** Gives every object an id and lists the passages. */
export function linkPassages(truth: Truth): Truth {
  const chains: Chain[] = [];
  let open: Chain[] = [];
  const frames = truth.frames.map((frame) => {
    const next: Chain[] = [];
    const objects = frame.objects.map((object) => {
      const [best] = open
        .map((chain) => ({ chain, overlap: iou(moved(chain.box, chain.dx, chain.dy), object.box) }))
        .sort((a, b) => b.overlap - a.overlap);
      const chain =
        best !== undefined && best.overlap >= MIN_OVERLAP ? best.chain : newChain(chains, frame, object.box);
      open = open.filter((other) => other !== chain);
      chain.dx = object.box.x - chain.box.x;
      chain.dy = object.box.y - chain.box.y;
      chain.box = object.box;
      chain.toFrame = frame.frame;
      chain.samples += 1;
      next.push(chain);
      return { ...object, id: chain.id };
    });
    open = next;
    return { ...frame, objects };
  });
  const passages: TruthPassage[] = chains
    .filter((chain) => chain.samples >= MIN_SAMPLES)
    .map(({ id, fromFrame, toFrame }) => ({ id, fromFrame, toFrame }));
  return { frames, passages };
}

function newChain(chains: Chain[], frame: TruthFrame, box: Chain["box"]): Chain {
  const { frame: at } = frame;
  const chain = { id: String(chains.length + 1), fromFrame: at, toFrame: at, samples: 0, box, dx: 0, dy: 0 };
  chains.push(chain);
  return chain;
}
