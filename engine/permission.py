"""Whether drafts of a repository may be checked, by whom and with which key: policy, settings, keys, allowances."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args
from urllib.parse import urlsplit

from engine.checking.keys import Keys, Secret, variable_for
from engine.checking.policy import read_policy
from engine.checking.prices import suggested_models
from engine.checking.providers import address_of, destination_of
from engine.checking.settings import load_check_settings, save_check_settings, validated
from engine.errors import CheckError, UsageError
from engine.network import is_loopback, is_offline
from engine.verdicts import CheckSettings, CheckState, Provider

if TYPE_CHECKING:
    from engine.assistant import Assistant

__all__ = ["Permission"]


class Permission:
    """What is set and allowed for the drafts of an assistant's repository."""

    def __init__(self, assistant: Assistant, keys: Keys) -> None:
        self.assistant = assistant
        self._keys = keys

    def state(self) -> CheckState:
        """Return whether a draft could be checked now; UsageError when the settings file is not valid."""
        settings = load_check_settings()
        address = address_of(settings)
        policy = read_policy()
        key, source = self._keys.find(settings.provider, address) if settings.provider else (None, "")
        spent = self.assistant.memory.spent(self.assistant.root)
        offline = is_offline() or self.assistant.settings.offline
        problem = policy.objection(settings.provider, address) or _lacking(settings, offline=offline, key=key)
        return CheckState(
            settings=settings,
            ready=not problem,
            problem=problem,
            forbidden=policy.forbidden,
            offline=offline,
            key=source,
            key_name=variable_for(address) if settings.provider else "",
            keychain=self._keys.keychain,
            destination=destination_of(settings) if settings.provider else "",
            allowed=self.is_allowed(settings),
            spent=round(spent.dollars, 6),
            unpriced=spent.unpriced,
            models=suggested_models(settings.provider),
            suggestions={each: suggested_models(each) for each in get_args(Provider) if each},
        )

    def configure(self, settings: CheckSettings) -> CheckState:
        """Change the settings; UsageError for what cannot be meant or a policy forbids."""
        wanted = validated(settings)
        objection = read_policy().objection(wanted.provider, address_of(wanted))
        if objection:
            raise UsageError(objection)
        save_check_settings(wanted)
        return self.state()

    def take_key(self, key: Secret, *, keep: bool) -> CheckState:
        """Take the key for the provider and address of the settings, or forget it when it is empty."""
        settings = load_check_settings()
        if not settings.provider:
            raise UsageError("Choose a provider first: a key belongs to one address.")
        address = address_of(settings)
        if key:
            self._keys.put(settings.provider, address, key, keep=keep)
        else:
            self._keys.forget(settings.provider, address)
        return self.state()

    def allow(self, allowed: bool) -> CheckState:
        """Let checks of this repository be sent where the settings say without a preview, or no longer."""
        settings = load_check_settings()
        if not settings.provider:
            raise UsageError("Choose a provider first: what is allowed is to send to one address.")
        self.assistant.memory.allow_checks(self.assistant.root, _target(settings), allowed=allowed)
        return self.state()

    def is_allowed(self, settings: CheckSettings) -> bool:
        """Return whether checks of this repository may be sent where these settings say without a preview."""
        if not settings.provider:
            return False
        return self.assistant.memory.checks_allowed(self.assistant.root, _target(settings))

    def require_ready(self) -> CheckSettings:
        """Return the settings by which a draft can be checked now; CheckError with a sentence when it cannot."""
        state = self.state()
        if not state.ready:
            raise CheckError(state.problem)
        return state.settings


def _lacking(settings: CheckSettings, *, offline: bool, key: Secret | None) -> str:
    """Return a sentence about what is missing before anything could be sent, "" when nothing is."""
    if not settings.provider:
        return "Checking is off; choose a provider to turn it on."
    if not address_of(settings):
        return "The address of the compatible server is not set."
    host = urlsplit(address_of(settings)).hostname or ""
    if offline and not is_loopback(host):
        return f"Sidetune is offline, so nothing is sent to {host}."
    if not settings.model:
        return "The model that shall check is not set."
    if key is None and not is_loopback(host):
        return f"There is no key for {host}; give one, or set {variable_for(address_of(settings))}."
    return ""


def _target(settings: CheckSettings) -> str:
    """Return what an allowance is for: a provider at an address."""
    return f"{settings.provider} {address_of(settings)}"
