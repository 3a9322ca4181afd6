"""What a message makes of what is known about its signal: dates, kept messages, gaps, and values that outlive them."""

from __future__ import annotations

import pytest
from playbook import HOUR, Playbook, minutes, seconds, signal

from nudger.core.events import AvailabilityChanged, SignalChanged
from nudger.core.words import TrustRetained

# --- Stale, unavailable, unsure --------------------------------------------------------------------------------------


def test_a_signal_that_expires_proves_nothing_and_is_named() -> None:
    day = Playbook(signals=[signal("seat", expire_after=minutes(10))]).at("08:00").on("seat").at("08:05").on("seat")
    assert day.until("08:14:59").posture == ("sitting", "08:00")
    assert day.until("08:15").posture == ("unknown", "08:05")
    assert day.evidence().silent == ("seat",)
    assert day.at("08:20").on("seat").posture == ("sitting", "08:20")


def test_a_seat_with_an_off_delay_has_been_off_since_it_was_last_on() -> None:
    day = Playbook(signals=[signal("seat", off_delay=minutes(2))]).at("08:00").on("seat").at("08:01:30").on("seat")
    assert day.until("08:03:29").posture == ("sitting", "08:00")
    assert day.until("08:03:30").posture == ("away", "08:01:30")
    assert day.at("08:10").on("seat").posture == ("sitting", "08:10")


RADAR = signal("presence", delay_on=seconds(20), delay_off=seconds(45))


def test_off_that_does_not_last_for_its_delay_never_was() -> None:
    day = Playbook(signals=[RADAR]).at("08:00").on("presence").at("08:20")
    assert day.prompts() == ["08:20"]
    day.at("08:21").off("presence").at("08:21:30").off("presence").at("08:21:44").on("presence").until("08:22")
    assert (day.posture, day.outcomes()) == (("sitting", "08:00"), [])


def test_off_that_lasts_for_its_delay_counts_from_its_beginning() -> None:
    day = Playbook(signals=[RADAR]).at("08:00").on("presence").at("08:10").off("presence").at("08:10:30")
    assert day.off("presence").until("08:10:44").posture == ("sitting", "08:00")
    assert day.until("08:10:45").posture == ("away", "08:10")
    assert day.until("08:11").bouts() == [("08:00", "08:10", minutes(10))]


def test_on_that_does_not_last_for_its_delay_ends_no_break_and_one_that_does_ends_it_at_its_beginning() -> None:
    day = Playbook(signals=[RADAR]).at("08:00").on("presence").at("08:10").off("presence").until("08:30")
    day.on("presence").at("08:30:19").off("presence").until("08:39:59")
    assert day.posture == ("away", "08:10")
    assert day.at("08:40").on("presence").until("08:40:19").breaks() == []
    assert day.until("08:40:20").breaks() == [("08:10", "08:40", "sensor")]
    assert day.posture == ("sitting", "08:40")


def test_what_has_lasted_waits_anew_before_it_turns_back() -> None:
    day = Playbook(signals=[RADAR]).at("08:00").on("presence").at("08:10").off("presence").at("08:11").on("presence")
    assert day.until("08:11:19").posture == ("away", "08:10")
    assert day.at("08:11:25").off("presence").until("08:12:09").posture == ("sitting", "08:11")
    assert day.until("08:12:10").posture == ("away", "08:11:25")


def test_an_on_with_both_delays_lasts_as_long_as_it_is_renewed() -> None:
    pad = signal("seat", delay_on=seconds(20), off_delay=minutes(2))
    day = Playbook(signals=[pad]).at("08:00").off("seat").at("08:10").on("seat").at("08:11").on("seat")
    assert day.posture == ("sitting", "08:10")
    assert day.until("08:12:59").posture == ("sitting", "08:10")
    assert day.until("08:13").posture == ("away", "08:11")


def test_a_message_older_than_one_whose_delay_runs_does_not_end_it() -> None:
    day = Playbook(signals=[RADAR]).at("08:00").on("presence").at("08:10").off("presence", at="08:10").at("08:10:01")
    assert day.on("presence", at="08:09:59").until("08:10:45").posture == ("away", "08:10")
    later = Playbook(signals=[RADAR]).at("08:00").on("presence").at("08:10").off("presence", at="08:10").at("08:10:10")
    assert later.on("presence", at="08:10:05").until("08:10:45").posture == ("sitting", "08:00")


def test_a_kept_message_contradicts_what_has_lasted_for_its_delay() -> None:
    day = Playbook(signals=[RADAR]).at("08:00").on("presence").at("08:10").off("presence").at("08:12").cut()
    day.at("08:12:30").reconnect().off("presence", at="08:10", retained=True)
    assert day.posture == ("away", "08:10")
    assert day.on("presence", at="08:12:15", retained=True).posture == ("away", "08:10")
    assert day.until("08:12:35").posture == ("sitting", "08:12:15")


def test_a_bag_on_a_chair_with_a_delay_is_noticed_too() -> None:
    pad = signal("seat", delay_on=seconds(20))
    day = Playbook(signals=[pad, "locked"]).at("08:00").off("seat").at("08:10").on("seat").at("08:20").on("locked")
    assert day.until("11:19:59").posture == ("sitting", "08:10")
    assert day.until("11:20").posture[0] == "unknown"


def test_an_unavailable_signal_proves_nothing_and_counts_again_after_a_short_absence() -> None:
    day = Playbook(signals=["presence"]).at("08:00").on("presence").at("08:10").gone("presence").gone("presence")
    assert day.posture == ("unknown", "08:10")
    assert day.evidence().silent == ("presence",)
    assert day.at("08:10:40").there("presence").there("presence").posture == ("sitting", "08:10:40")


def test_after_a_long_absence_an_unavailable_signal_must_be_heard_again() -> None:
    day = Playbook(signals=["presence"]).at("08:00").on("presence").at("08:10").gone("presence").at("08:30")
    assert day.there("presence").posture == ("unknown", "08:10")
    assert day.at("08:31").on("presence").posture == ("sitting", "08:31")


def test_availability_of_a_signal_not_heard_yet_says_nothing() -> None:
    day = Playbook(signals=["presence"]).there("presence").gone("presence")
    assert day.posture == ("unknown", "07:00")
    assert day.at("08:00").on("presence").posture == ("sitting", "08:00")


def test_a_live_message_shows_that_the_device_is_there() -> None:
    day = Playbook(signals=["presence"]).at("08:00").on("presence").at("08:10").gone("presence")
    assert day.at("08:12").on("presence").posture == ("sitting", "08:12")


def test_a_signal_that_says_it_does_not_know_proves_nothing_until_it_does() -> None:
    day = Playbook(signals=["seat"]).unsure("seat").at("08:00").on("seat").at("08:10").unsure("seat")
    assert day.posture[0] == "unknown"
    assert day.at("08:10:30").on("seat").posture[0] == "sitting"


# --- Dates in the payload --------------------------------------------------------------------------------------------


def test_a_reading_that_tells_when_it_was_made_begins_then() -> None:
    day = Playbook(signals=["seat"]).off("seat").at("08:01").on("seat", at="08:00")
    assert day.posture == ("sitting", "08:00")
    assert day.at("08:31").off("seat", at="08:30").until("08:32").bouts() == [("08:00", "08:30", minutes(30))]


def test_a_reading_from_the_future_begins_now() -> None:
    assert Playbook(signals=["seat"]).off("seat").at("08:00").on("seat", at="09:00").posture == ("sitting", "08:00")


def test_a_message_that_was_overtaken_by_a_newer_one_is_ignored() -> None:
    day = Playbook(signals=["seat"]).at("08:05").on("seat", at="08:04").at("08:06").off("seat", at="08:02")
    assert day.posture[0] == "sitting"


def test_idle_seconds_date_the_last_input_and_only_ever_move_it_forward() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity", since="08:00")
    day.at("08:10").off("activity", since="08:09").at("08:11").off("activity", since="08:08")
    assert day.until("08:14").posture == ("away", "08:09")


def test_input_between_two_reports_of_idle_hands_is_known_from_the_second() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity", since="08:00")
    day.at("08:04").off("activity", since="08:01").at("08:05").off("activity", since="08:04:30")
    assert day.until("08:09:29").posture == ("sitting", "08:00")
    assert day.until("08:09:30").posture == ("away", "08:04:30")


def test_going_on_being_on_does_not_move_the_beginning() -> None:
    day = (
        Playbook(signals=["activity"])
        .at("08:00")
        .on("activity", since="08:00")
        .at("08:10")
        .on("activity", since="08:10")
    )
    assert day.state.readings["activity"].since == day.time("08:00")
    assert day.state.readings["activity"].last_on == day.time("08:10")


def test_a_repeat_changes_nothing_at_all() -> None:
    day = Playbook(signals=["seat"]).at("08:00").on("seat").at("08:01")
    before = day.state
    assert day.on("seat").state is before


def test_a_repeat_renews_a_signal_that_may_expire() -> None:
    day = Playbook(signals=[signal("seat", expire_after=minutes(10))]).at("08:00").on("seat").at("08:09").on("seat")
    assert day.until("08:18").posture == ("sitting", "08:00")


def test_a_signal_that_the_policy_does_not_know_is_ignored() -> None:
    day = Playbook(signals=["seat"]).on("seat").choose(signals=(signal("presence"),))
    assert day.posture[0] == "unknown"
    day.policy = Playbook(signals=["seat"]).policy
    stranger = Playbook(signals=["presence"])
    before = stranger.state.readings
    stranger.tell(SignalChanged("seat", on=True)).tell(AvailabilityChanged("seat", available=False))
    assert stranger.state.readings == before


# --- Messages that the broker kept -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trust", "at", "posture"),
    [
        ("never", None, ("unknown", "07:00")),
        ("never", "07:55", ("unknown", "07:00")),
        ("fresh", None, ("unknown", "07:00")),
        ("fresh", "07:49:59", ("unknown", "07:00")),
        ("fresh", "07:50", ("sitting", "07:50")),
        ("state", None, ("sitting", "08:00")),
        ("state", "07:30", ("sitting", "08:00")),
        ("state", "07:55", ("sitting", "08:00")),
    ],
)
def test_a_kept_message_counts_as_far_as_it_is_trusted(trust: str, at: str | None, posture: tuple[str, str]) -> None:
    day = Playbook(signals=[signal("seat", trust_retained=TrustRetained(trust))]).at("08:00")
    said = {"retained": True} | ({} if at is None else {"at": at})
    assert day.on("seat", **said).posture == posture
    assert day.at("08:01").on("seat").posture[0] == "sitting"


def test_how_old_a_kept_message_may_be_is_an_option() -> None:
    day = Playbook(signals=[signal("seat", max_age=HOUR)]).at("08:00").on("seat", retained=True, at="07:01")
    assert day.posture == ("sitting", "07:01")


def test_a_live_message_with_an_old_date_is_trusted_like_a_kept_one() -> None:
    day = Playbook(signals=["seat"]).at("08:00").on("seat", at="07:30")
    assert day.posture == ("unknown", "07:00")
    trusted = Playbook(signals=[signal("seat", trust_retained=TrustRetained.STATE)]).at("08:00").on("seat", at="07:30")
    assert trusted.posture == ("sitting", "08:00")


def test_a_kept_message_of_unknown_age_changes_nothing_that_is_remembered() -> None:
    day = Playbook(signals=["seat"]).at("08:00").on("seat").at("08:10").cut().at("08:14").reconnect()
    assert day.on("seat", retained=True).posture == ("sitting", "08:00")
    assert day.off("seat", retained=True).posture == ("sitting", "08:00")
    assert day.off("seat", retained=True, at="08:12").posture == ("away", "08:12")


def test_a_late_message_from_before_what_is_known_changes_nothing() -> None:
    day = Playbook(signals=["seat"]).at("08:00").on("seat").at("08:15")
    for made in ("07:30", "07:59"):
        assert day.off("seat", at=made).posture == ("sitting", "08:00")


def test_offline_counts_also_when_it_is_heard_before_the_value() -> None:
    seat = signal("seat", trust_retained=TrustRetained.STATE)
    day = Playbook(signals=[seat]).at("08:00").gone("seat").on("seat", retained=True)
    assert day.posture[0] == "unknown"
    assert day.at("08:01").there("seat").posture[0] == "sitting"


def test_a_kept_message_contradicts_nothing_that_has_expired() -> None:
    day = Playbook(signals=[signal("seat", expire_after=minutes(10))]).at("08:00").on("seat").at("09:00")
    assert day.off("seat", retained=True).posture == ("unknown", "08:00")
    assert day.off("seat").posture == ("away", "09:00")


def test_news_with_an_old_date_is_believed_but_not_the_date() -> None:
    day = Playbook(signals=["seat"]).at("08:00").on("seat").at("09:00").off("seat", at="08:30")
    assert day.posture == ("away", "09:00")
    assert day.at("09:20").on("seat", at="09:10").posture == ("sitting", "09:10")


def test_a_kept_message_does_not_show_that_a_device_is_there() -> None:
    seat = signal("seat", trust_retained=TrustRetained.STATE)
    day = Playbook(signals=[seat]).at("08:00").on("seat").at("08:10").gone("seat").at("08:20")
    assert day.off("seat", retained=True).posture == ("unknown", "08:10")
    assert day.there("seat").posture == ("away", "08:20")


# --- The connection, and time that was lost --------------------------------------------------------------------------


def test_a_short_loss_of_the_connection_changes_nothing() -> None:
    day = Playbook(signals=["seat"]).at("08:00").on("seat").at("08:10").cut().cut().at("08:10:50").reconnect()
    assert day.reconnect().posture == ("sitting", "08:00")
    assert not day.bouts()


def test_while_the_connection_is_lost_no_prompt_comes_and_after_it_one_does() -> None:
    day = Playbook(signals=["seat"]).at("08:00").on("seat").at("08:15").cut().until("08:24")
    assert day.hold() == "unknown"
    assert day.prompts() == []
    assert day.reconnect().prompts() == ["08:24"]


def test_a_connection_lost_for_longer_than_max_age_leaves_nothing_known() -> None:
    day = Playbook(signals=["seat"]).at("08:00").on("seat").at("08:11").cut().until("08:20:59")
    assert day.posture == ("sitting", "08:00")
    assert day.until("08:21").posture == ("unknown", "08:11")
    assert day.until("08:30").bouts() == [("08:00", "08:11", minutes(11))]
    assert day.reconnect().posture == ("unknown", "08:11")
    assert day.on("seat").posture == ("sitting", "08:30")


def test_a_trusted_state_counts_again_after_a_long_loss_but_not_from_before_it() -> None:
    day = Playbook(signals=[signal("seat", trust_retained=TrustRetained.STATE)]).at("08:00").on("seat").at("08:10")
    assert day.cut().at("11:00").reconnect().posture == ("sitting", "11:00")
    assert day.bouts() == [("08:00", "08:10", minutes(10))]


def test_a_signal_never_trusted_must_be_heard_again_after_a_minute_without_connection() -> None:
    day = Playbook(signals=[signal("seat", trust_retained=TrustRetained.NEVER)]).at("08:00").on("seat").at("08:10")
    assert day.cut().at("08:10:59").reconnect().posture == ("sitting", "08:00")
    assert day.cut().at("08:12").reconnect().posture[0] == "unknown"


def test_signals_of_the_desktop_itself_do_not_fall_silent_with_the_broker() -> None:
    day = Playbook(signals=[signal("activity", remote=False), "seat"]).at("08:00").on("activity", "seat").at("08:10")
    day.cut().until("08:30")
    assert day.posture == ("sitting", "08:00")
    assert day.evidence().silent == ("seat",)
    assert day.prompts() == ["08:24"]
    assert day.reconnect().state.readings.keys() == {"activity"}


@pytest.mark.parametrize(("trust", "kept"), [("never", False), ("fresh", True), ("state", True)])
def test_after_a_restart_the_last_live_value_is_trusted_like_a_kept_message(trust: str, kept: bool) -> None:
    day = Playbook(signals=[signal("seat", trust_retained=TrustRetained(trust))]).at("08:00").on("seat").at("08:10")
    assert day.lose_time("08:20").posture == (("sitting", "08:20") if kept else ("unknown", "08:10"))


@pytest.mark.parametrize(("trust", "kept"), [("never", False), ("fresh", False), ("state", True)])
def test_after_a_long_stop_only_a_trusted_state_is_still_believed(trust: str, kept: bool) -> None:
    day = Playbook(signals=[signal("seat", trust_retained=TrustRetained(trust))]).at("08:00").on("seat").at("08:10")
    assert day.lose_time("09:10").posture == (("sitting", "09:10") if kept else ("unknown", "08:10"))


def test_also_signals_of_the_desktop_itself_must_be_heard_again_after_a_long_stop() -> None:
    day = Playbook(signals=[signal("activity", remote=False)]).at("08:00").on("activity").at("08:10")
    assert day.lose_time("08:20:01").posture == ("unknown", "08:10")
    assert day.on("activity").posture == ("sitting", "08:20:01")


def test_a_restart_with_another_config_forgets_the_signals_that_it_no_longer_has() -> None:
    before = Playbook(signals=["seat", "presence"]).at("08:00").on("seat", "presence").at("08:10")
    after = Playbook(signals=["presence"], begin="08:10", state=before.state).lose_time("08:10:30")
    assert after.state.readings.keys() == {"presence"}
    assert after.posture == ("sitting", "08:00")
