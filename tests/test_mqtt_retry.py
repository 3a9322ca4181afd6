"""How long to wait before the next attempt: the rules alone."""

from __future__ import annotations

import pytest

from nudger.mqtt import MqttSettings, MqttTiming
from nudger.mqtt.retry import KICKS, Ending, Retry

STABLE_S = MqttTiming().short_life_s


@pytest.fixture
def retry() -> Retry:
    return Retry(MqttSettings(host="x", client_id="our-id"), MqttTiming())


def test_the_wait_grows_to_five_seconds_and_is_never_longer(retry: Retry) -> None:
    for longest in (1, 2, 4, 5, 5, 5):
        wait_s, _ = retry.after(Ending("nothing listens"))
        assert 0.75 * longest <= wait_s <= longest


def test_a_link_that_lived_starts_the_waits_anew(retry: Retry) -> None:
    for _ in range(5):
        retry.after(Ending("nothing listens"))
    wait_s, _ = retry.after(Ending("lost", lived_s=STABLE_S / 2))
    assert wait_s > 3, "a short life is no recovery"
    wait_s, _ = retry.after(Ending("lost", lived_s=STABLE_S))
    assert wait_s <= 1


def test_a_refusal_waits_long(retry: Retry) -> None:
    for _ in range(20):
        wait_s, _ = retry.after(Ending("wrong password", refused=True))
        assert 30 <= wait_s <= 60


def test_short_lives_in_a_row_name_the_client_id_until_one_is_long(retry: Retry) -> None:
    kick = Ending("closed", lived_s=1, kicked=True)
    for _ in range(KICKS - 1):
        wait_s, ending = retry.after(kick)
        assert (wait_s <= 5, ending) == (True, kick)
    for _ in range(2):
        wait_s, ending = retry.after(kick)
        assert (wait_s >= 30, ending.refused) == (True, True)
        assert "'our-id'" in ending.reason
    assert retry.after(Ending("closed", lived_s=STABLE_S, kicked=True))[0] <= 1


def test_a_take_over_that_the_broker_names_is_believed_at_once(retry: Retry) -> None:
    wait_s, ending = retry.after(Ending("closed", lived_s=100, kicked=True, taken_over=True))
    assert wait_s >= 30
    assert ending.reason == "another client has connected with our client id 'our-id'; each needs its own"
