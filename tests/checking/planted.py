"""Made-up secrets of twenty kinds in the places where such things stand in code. None was ever valid."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["HELD_OUT", "KINDS", "Planted", "planted"]

_ALNUM = string.ascii_letters + string.digits
_URL64 = _ALNUM + "-_"
_HEX = "0123456789abcdef"
_UPPER = string.ascii_uppercase + string.digits
_B32 = string.ascii_uppercase + "234567"


@dataclass(frozen=True)
class Planted:
    """A text with one secret in it; ``secret`` is what must not be left of it, line by line."""

    kind: str
    text: str
    secret: tuple[str, ...]


def _drawn(rng: random.Random, alphabet: str, length: int) -> str:
    return "".join(rng.choices(alphabet, k=length))


def _jwt(rng: random.Random) -> str:
    def part(value: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    head = part({"alg": "HS256", "typ": "JWT"})
    return f"{head}.{part({'sub': _drawn(rng, string.digits, 9), 'name': 'Ada'})}.{_drawn(rng, _URL64, 43)}"


def _password(rng: random.Random) -> str:
    """Return a password as people choose them: a word, figures, a sign."""
    word = rng.choice(["Sommer", "tiger", "Blue", "monkey", "Hunter", "river", "Coffee", "dragon"])
    end = _drawn(rng, string.ascii_lowercase, rng.randrange(0, 4))
    return f"{word}{rng.randrange(10, 9999)}{rng.choice('!#%+*')}{end}"


def _pem(rng: random.Random) -> str:
    name = rng.choice(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"])
    lines = [_drawn(rng, _ALNUM + "+/", 64) for _ in range(rng.randrange(3, 9))]
    return "\n".join([f"-----BEGIN {name}-----", *lines, f"-----END {name}-----"])


KINDS: dict[str, Callable[[random.Random], str]] = {
    "aws key id": lambda rng: f"AKIA{_drawn(rng, _B32, 16)}",
    "aws secret": lambda rng: _drawn(rng, _ALNUM + "+/", 40),
    "github": lambda rng: f"{rng.choice(['ghp', 'gho', 'ghs'])}_{_drawn(rng, _ALNUM, 36)}",
    "gitlab": lambda rng: f"glpat-{_drawn(rng, _URL64, 20)}",
    "slack": lambda rng: (
        f"xoxb-{_drawn(rng, string.digits, 12)}-{_drawn(rng, string.digits, 12)}-{_drawn(rng, _ALNUM, 24)}"
    ),
    "google": lambda rng: f"AIza{_drawn(rng, _URL64, 35)}",
    "stripe": lambda rng: f"{rng.choice(['sk', 'rk'])}_live_{_drawn(rng, _ALNUM, 24)}",
    "openai": lambda rng: f"sk-proj-{_drawn(rng, _URL64, 48)}",
    "anthropic": lambda rng: f"sk-ant-api03-{_drawn(rng, _URL64, 80)}",
    "jwt": _jwt,
    "private key": _pem,
    "password in an address": _password,
    "password": _password,
    "npm": lambda rng: f"npm_{_drawn(rng, _ALNUM, 36)}",
    "sendgrid": lambda rng: f"SG.{_drawn(rng, _URL64, 22)}.{_drawn(rng, _URL64, 43)}",
    # Kept aside: no rule was written for these, and what is found of them was looked at once the rules were done.
    "vault": lambda rng: f"hvs.CAES{_drawn(rng, _URL64, 90)}",
    "digitalocean": lambda rng: f"dop_v1_{_drawn(rng, _HEX, 64)}",
    "telegram": lambda rng: f"{_drawn(rng, '123456789', 9)}:AA{_drawn(rng, _URL64, 33)}",
    "newrelic": lambda rng: f"NRAK-{_drawn(rng, _UPPER, 27)}",
    "mailgun": lambda rng: f"key-{_drawn(rng, _HEX, 32)}",
}
HELD_OUT = frozenset({"vault", "digitalocean", "telegram", "newrelic", "mailgun"})

# {name}: a name that tells, as such a thing has; {secret}: the secret.
_PLACES = (
    '{name} = "{secret}"',
    "{name}: {secret}",
    "export {NAME}={secret}",
    '    "{name}": "{secret}",',
    "client = Client('{secret}', timeout=30)",
    "    return connect(host, {name}='{secret}')",
    "# the old one was {secret}, do not use it",
    "curl -H 'Authorization: Bearer {secret}' https://api.example.com/v1",
    "const {name} = `{secret}`;",
    '<setting name="{name}">{secret}</setting>',
    "{NAME}={secret} ./deploy.sh --fast",
    '    private static final String {NAME} = "{secret}";',
)
_PASSWORD_PLACES = (
    '{name} = "{secret}"',
    "{name}: {secret}",
    "export {NAME}={secret}",
    '    "{name}": "{secret}",',
    "    return connect(host, user='ada', {name}='{secret}')",
    "const {name} = `{secret}`;",
    "{NAME}={secret} ./deploy.sh --fast",
    '    private static final String {NAME} = "{secret}";',
    "$config['{name}'] = '{secret}';",
    '{name} := "{secret}"',
    "mysql -u root --password={secret} shop",
    '    <property name="{name}" value="{secret}"/>',
)
_ADDRESSES = (
    'DATABASE_URL = "postgres://shop:{secret}@db.example.com:5432/shop"',
    "redis://:{secret}@10.0.0.7:6379/0",
    "amqp://worker:{secret}@queue/vhost",
    "git clone https://ada:{secret}@git.example.com/shop.git",
    'url: "mongodb+srv://root:{secret}@cluster0.example.net/test?retryWrites=true"',
)
_NAMES = {
    "password": ("password", "db_password", "passwd", "smtp_pwd", "adminPassword", "passphrase"),
    "aws secret": ("aws_secret_access_key", "secret_key", "AWS_SECRET"),
}
_USUAL = ("api_key", "token", "auth_token", "apiKey", "client_secret", "access_token", "secret")


def planted(count: int, seed: int = 0) -> Iterator[Planted]:
    """Yield ``count`` texts for each kind, with lines of ordinary code around the secret."""
    for number, (kind, make) in enumerate(KINDS.items()):
        rng = random.Random(seed * 1000 + number)
        for index in range(count):
            secret = make(rng)
            name = rng.choice(_NAMES.get(kind, _USUAL))
            if kind == "private key":
                line, parts = secret, tuple(secret.split("\n")[1:-1])
            else:
                places = {"password": _PASSWORD_PLACES, "password in an address": _ADDRESSES}.get(kind, _PLACES)
                if kind == "aws secret":  # forty characters without a form of their own: only a name tells
                    places = tuple(place for place in places if "{name}" in place or "{NAME}" in place)
                place = places[index % len(places)]
                line, parts = place.format(name=name, NAME=name.upper(), secret=secret), (secret,)
            text = f"def connect(host, retries=3):\n    log.info('connecting to %s', host)\n{line}\n    return host\n"
            yield Planted(kind, text, parts)
