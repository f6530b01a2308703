"""Policies, settings, keys and prices: what is allowed, what is set, and who knows the key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from engine.checking.keys import Keys, Secret, variable_for
from engine.checking.policy import FORBID_VARIABLE, read_policy
from engine.checking.prices import cost, estimate_tokens, price_of, suggested_models
from engine.checking.settings import load_check_settings, save_check_settings, validated
from engine.errors import StorageError, UsageError
from engine.verdicts import CheckSettings, Price

OURS = "https://api.anthropic.com"
GATEWAY = "https://gateway.example/v1"

# -- policies ---------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "machine.toml", tmp_path / "user.toml"


def test_without_a_policy_everything_is_allowed(files: tuple[Path, Path]) -> None:
    assert read_policy(files, {}).objection("anthropic", OURS) == ""


@pytest.mark.parametrize("value", ["forbidden", "0", "OFF", "never", " no "])
def test_the_environment_can_forbid(files: tuple[Path, Path], value: str) -> None:
    assert FORBID_VARIABLE in read_policy(files, {FORBID_VARIABLE: value}).objection("openai", GATEWAY)


def test_either_file_can_forbid(files: tuple[Path, Path]) -> None:
    for path in files:
        path.write_text('checking = "forbidden"\nreason = "Ask legal."\n')
        assert "Ask legal." in read_policy(files, {}).objection("openai", GATEWAY)
        path.unlink()


@pytest.mark.parametrize(
    "text", ["checking = ", 'cheking = "forbidden"', "checking = true", 'providers = "openai"', "\x00", "reason = 3"]
)
def test_a_policy_that_cannot_be_understood_forbids(files: tuple[Path, Path], text: str) -> None:
    files[0].write_text(text)
    assert "forbidden" in read_policy(files, {}).objection("openai", GATEWAY)


def test_a_policy_that_cannot_be_read_forbids(files: tuple[Path, Path]) -> None:
    files[0].mkdir()
    assert "cannot be read" in read_policy(files, {}).objection("openai", GATEWAY)


def test_providers_and_addresses_can_be_limited_and_the_user_cannot_widen_them(files: tuple[Path, Path]) -> None:
    files[0].write_text(f'providers = ["compatible", "openai"]\naddresses = ["{GATEWAY}"]\n')
    files[1].write_text('providers = ["compatible", "anthropic"]\naddresses = ["https://elsewhere.example"]\n')
    policy = read_policy(files[:1], {})
    assert policy.objection("compatible", GATEWAY) == ""
    assert policy.objection("compatible", f"{GATEWAY}/team") == ""
    assert "provider" in policy.objection("anthropic", OURS)
    for other in ("https://gateway.example", f"{GATEWAY}evil", "http://gateway.example/v1", f"{GATEWAY}.evil.example"):
        assert "address" in policy.objection("compatible", other)
    both = read_policy(files, {})
    assert "provider" in both.objection("anthropic", GATEWAY)
    assert "provider" in both.objection("openai", GATEWAY)
    assert both.objection("compatible", GATEWAY)  # what both allow is nothing


# -- settings ---------------------------------------------------------------------------------------

FULL = CheckSettings(
    "compatible",
    "größer/m-7",
    "http://127.0.0.1:8080/v1",
    3,
    0.5,
    900,
    False,
    (r"ACME-\d+", 'quoted " \\\\ \x7f'),
    ("secret/", "*.pem"),
    {"größer/m-7": Price(0.1, 0.2), "other": Price(1, 2, "a list")},
)


def test_settings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    path = tmp_path / "check.toml"
    assert load_check_settings(path) == CheckSettings()
    save_check_settings(FULL, path)
    assert load_check_settings(path) == FULL
    save_check_settings(CheckSettings(), path)
    assert load_check_settings(path) == CheckSettings()
    assert "key" not in path.read_text().replace("Keys are never kept here", "")


@pytest.mark.parametrize(
    "wrong",
    [
        CheckSettings("compatible", address="gateway.example"),
        CheckSettings("compatible", address="ftp://gateway.example"),
        CheckSettings("compatible", address="https://user:pass@gateway.example"),
        CheckSettings("compatible", address="https://gateway.example/?key=1"),
        CheckSettings("compatible", address="http://gateway.example.com/v1"),  # unencrypted, and not near
        CheckSettings("compatible", address="https://[broken"),
        CheckSettings(rounds=9),
        CheckSettings(budget=-1.0),
        CheckSettings(budget=float("nan")),
        CheckSettings(answer_tokens=1),
        CheckSettings(keep_out=("(",)),
        CheckSettings(keep_out=("a*",)),
        CheckSettings(prices={"m": Price(-1, 0)}),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(tmp_path: Path, wrong: CheckSettings) -> None:
    path = tmp_path / "check.toml"
    with pytest.raises(UsageError):
        save_check_settings(wrong, path)
    assert not path.exists()


@pytest.mark.parametrize(
    "near", ["http://localhost:11434/v1", "http://10.1.2.3/v1", "http://box.local", "http://vllm:8000"]
)
def test_a_server_nearby_may_be_unencrypted(near: str) -> None:
    assert validated(replace(FULL, address=f"{near}/")).address == near


@pytest.mark.parametrize("text", ["provider = 3", 'provider = "other"', "nonsense = 1", "rounds = [", 'key = "sk-1"'])
def test_a_settings_file_that_is_not_valid_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "check.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_check_settings(path)
    assert "\n" not in str(caught.value)


# -- keys -------------------------------------------------------------------------------------------


class Keychain(KeyringBackend):
    """A keychain in memory, which may be locked."""

    priority = 1
    name = "Keychain of the test"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # of the library
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def _open(self) -> None:
        if self.locked:
            raise KeyringLocked("locked")

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        del self.kept[service, username]


@pytest.fixture
def keychain() -> Iterator[Keychain]:
    before = keyring.get_keyring()
    chain = Keychain()
    keyring.set_keyring(chain)
    yield chain
    keyring.set_keyring(before)


@pytest.fixture
def no_keychain() -> Iterator[None]:
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]  # of the library
    yield
    keyring.set_keyring(before)


def test_a_key_is_kept_in_the_keychain_for_one_address(keychain: Keychain) -> None:
    keys = Keys({})
    assert keys.keychain == "Keychain of the test"
    assert keys.put("compatible", GATEWAY, Secret("one"), keep=True) == "keychain"
    assert keys.find("compatible", GATEWAY) == (Secret("one"), "keychain")
    assert Keys({}).find("compatible", GATEWAY) == (Secret("one"), "keychain")
    assert keys.find("compatible", "https://elsewhere.example/v1") == (None, "")
    keys.forget("compatible", GATEWAY)
    assert keychain.kept == {}
    assert keys.find("compatible", GATEWAY) == (None, "")


def test_a_locked_keychain_has_no_key_and_takes_none(keychain: Keychain) -> None:
    keychain.locked = True
    keys = Keys({})
    assert keys.find("openai", GATEWAY) == (None, "")
    with pytest.raises(StorageError, match="KeyringLocked") as caught:
        keys.put("openai", GATEWAY, Secret("sk-hidden"), keep=True)
    assert "sk-hidden" not in str(caught.value)
    keychain.locked = False
    keychain.set_password("sidetune", f"openai {GATEWAY}", "unlocked")
    assert keys.find("openai", GATEWAY) == (None, "")  # it is not asked, and its owner with it, at every look
    keys.look_again()
    assert keys.find("openai", GATEWAY) == (Secret("unlocked"), "keychain")


def test_without_a_keychain_a_key_lives_as_long_as_the_process(no_keychain: None) -> None:
    keys = Keys({})
    assert keys.keychain == ""
    with pytest.raises(StorageError, match="no system keychain"):
        keys.put("compatible", GATEWAY, Secret("one"), keep=True)
    assert keys.put("compatible", GATEWAY, Secret("one"), keep=False) == "session"
    assert keys.find("compatible", GATEWAY) == (Secret("one"), "session")
    assert Keys({}).find("compatible", GATEWAY) == (None, "")
    keys.forget("compatible", GATEWAY)
    assert keys.find("compatible", GATEWAY) == (None, "")


def test_a_providers_variable_is_for_its_own_address_alone(no_keychain: None) -> None:
    keys = Keys({"ANTHROPIC_API_KEY": "theirs", "SIDETUNE_CHECK_KEY": "ours"})
    assert variable_for(OURS) == "ANTHROPIC_API_KEY"
    assert keys.find("anthropic", OURS) == (Secret("theirs"), "environment")
    assert keys.find("anthropic", GATEWAY) == (Secret("ours"), "environment")
    assert keys.find("compatible", GATEWAY) == (Secret("ours"), "environment")
    assert Keys({"ANTHROPIC_API_KEY": "theirs"}).find("anthropic", GATEWAY) == (None, "")


def test_a_key_is_in_no_repr_of_a_message() -> None:
    from engine.wire import CheckKey

    assert "sk-hidden" not in repr(CheckKey("r", "sk-hidden"))


# -- prices -----------------------------------------------------------------------------------------


def test_prices_say_where_they_are_from_and_nothing_is_guessed() -> None:
    for provider in ("anthropic", "openai"):
        for model in suggested_models(provider):
            address = {"anthropic": OURS, "openai": "https://api.openai.com/v1"}[provider]
            price = price_of(provider, address, model, {})
            assert price is not None
            assert "20" in price.source
            assert price_of(provider, GATEWAY, model, {}) is None  # a gateway may charge anything
    assert price_of("anthropic", OURS, "claude-unknown-9", {}) is None
    assert price_of("anthropic", OURS, "claude-opus-4-5-20251101", {}) == price_of(
        "anthropic", OURS, "claude-opus-4-5", {}
    )
    own = Price(1.0, 2.0)
    assert price_of("compatible", GATEWAY, "m", {"m": own}) == own
    assert cost(own, 1_000_000, 500_000) == 2.0
    assert cost(None, 1, 1) is None
    assert estimate_tokens("x" * 300) == 100
