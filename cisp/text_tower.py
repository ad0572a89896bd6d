"""The text tower: captions -> embeddings, with open_clip's transformer and tokenizer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from open_clip.tokenizer import SimpleTokenizer

VOCAB_SIZE = 49408


@dataclass(frozen=True)
class TextTowerConfig:
    """The size of a text tower.

    Attributes:
        embed_dim: D.
        width: size of a token.
        layers: number of transformer blocks.
        heads: attention heads.
        context_length: longest caption in tokens, start and end token included.
    """

    embed_dim: int = 256
    width: int = 128
    layers: int = 4
    heads: int = 2
    context_length: int = 32


class TextTower(nn.Module):
    """CLIP's causal text transformer (Radford et al. 2021), at any size."""

    Config = TextTowerConfig

    def __init__(self, config: TextTowerConfig):
        from open_clip.transformer import TextTransformer  # only the text side needs open_clip

        super().__init__()
        self.config = config
        self.text_config = {
            "context_length": config.context_length,
            "vocab_size": VOCAB_SIZE,
            "width": config.width,
            "heads": config.heads,
            "layers": config.layers,
        }
        self.text = TextTransformer(**self.text_config, output_dim=config.embed_dim)

    def tokenize(self, captions: list[str]) -> Tensor:
        """Token numbers of captions; needs no network.

        Args:
            captions: B sentences; what exceeds the context is cut.

        Returns:
            (B, L) long on the CPU, zero after each end token. L is the longest of these captions:
            attention is causal and the embedding is read at the end token, so further zeros would
            cost time and change nothing.
        """
        tokens = _tokenizer()(captions, self.config.context_length)
        longest = int(tokens.argmax(1).max()) + 1  # up to the end token; "!" has the number 0
        return tokens[:, :longest]  # (B, L)

    def forward(self, tokens: Tensor) -> Tensor:
        """Embed captions: what open_clip's own forward computes, without the padding.

        Args:
            tokens: (B, L) of `tokenize`, or padded with zeros up to the context.

        Returns:
            (B, D), not normalised.
        """
        text, length = self.text, tokens.shape[1]
        x = text.token_embedding(tokens) + text.positional_embedding[:length]  # (B, L, W)
        x = text.transformer(x, attn_mask=text.attn_mask[:length, :length].to(x.dtype))
        end = tokens.argmax(dim=-1)  # the end token has the largest number of all
        x = text.ln_final(x)[torch.arange(len(x), device=x.device), end]  # (B, W)
        return x @ text.text_projection  # (B, D)


@lru_cache(maxsize=1)
def _tokenizer() -> SimpleTokenizer:
    """CLIP's byte-pair tokenizer: its vocabulary comes with open_clip and takes 0.2 s to read."""
    from open_clip.tokenizer import SimpleTokenizer

    return SimpleTokenizer()
