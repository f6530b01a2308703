"""What models cost, as far as we know it: a small table with its source and date. The user's own figures go first.

Prices change and no interface tells them, so every estimate carries where its figures are from. A model that is not in
the table has no price, rather than a guessed one.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.verdicts import Price, Provider

__all__ = ["cost", "estimate_tokens", "price_of", "suggested_models"]

_CLAUDE = "published prices as of March 2026, may have changed"
_OPENAI = "published prices as of June 2026, may have changed"

# Dollars a million tokens, without the discounts for caching and batches.
_TABLE: Mapping[Provider, Mapping[str, Price]] = {
    "anthropic": {
        "claude-opus-4-6": Price(5.0, 25.0, _CLAUDE),
        "claude-opus-4-5": Price(5.0, 25.0, _CLAUDE),
        "claude-sonnet-4-6": Price(3.0, 15.0, _CLAUDE),
        "claude-sonnet-4-5": Price(3.0, 15.0, _CLAUDE),
        "claude-haiku-4-5": Price(1.0, 5.0, _CLAUDE),
    },
    "openai": {
        "gpt-5.5": Price(5.0, 30.0, _OPENAI),
        "gpt-5.4": Price(2.5, 15.0, _OPENAI),
        "gpt-5.4-mini": Price(0.75, 4.5, _OPENAI),
        "gpt-5.4-nano": Price(0.2, 1.25, _OPENAI),
    },
}
_CHARS_A_TOKEN = 3.0  # of code and JSON, on the safe side: an estimate shall not be too low


def suggested_models(provider: Provider) -> tuple[str, ...]:
    """Return names of models whose price is known."""
    return tuple(_TABLE.get(provider, {}))


def price_of(provider: Provider, address: str, model: str, own: Mapping[str, Price]) -> Price | None:
    """Return what a model costs at an address, None when nobody knows.

    Our table holds for the providers' own addresses alone: a gateway may charge anything.
    """
    from engine.checking.providers import own_address

    if model in own:
        return own[model]
    if address != own_address(provider):
        return None
    table = _TABLE.get(provider, {})
    dated = [
        name
        for name in table
        if model == name or (model.startswith(f"{name}-") and model[len(name) + 1 :].replace("-", "").isdigit())
    ]
    return table[max(dated, key=len)] if dated else None


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few."""
    return -(-len(text) // int(_CHARS_A_TOKEN)) if text.isascii() else -(-len(text.encode()) // int(_CHARS_A_TOKEN))


def cost(price: Price | None, input_tokens: int, output_tokens: int) -> float | None:
    """Return dollars, None without a price."""
    if price is None:
        return None
    return (price.input * input_tokens + price.output * output_tokens) / 1e6
