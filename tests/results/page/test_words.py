"""Numbers on slides and in workbooks are written as on the page (app/tests/words.test.ts)."""

from __future__ import annotations

from clustering.results.page.content.words import money, percent, period, plural, to_do


def test_a_share_is_never_written_as_0_or_100_percent_when_it_is_neither():
    shares = (0, 0.004, 0.5, 0.125, 0.996, 1, None)
    assert [percent(share) for share in shares] == ["0%", "<1%", "50%", "13%", ">99%", "100%", "–"]


def test_money_and_plurals():
    assert money(182126.4, "$") == "$182,126"
    words = [plural(1, "mix"), plural(2, "mix"), plural(3, "category"), plural(1200, "store")]
    assert words == ["1 mix", "2 mixes", "3 categories", "1,200 stores"]


def test_a_plan_that_is_less_than_fairly_sure_is_on_trial():
    plan = {"kind": "mix", "plans": 2, "sureness": "rather unsure"}
    assert to_do(plan) == "2 plans, on trial"
    assert to_do(plan | {"sureness": "sure"}) == "2 plans"
    assert to_do(plan | {"kind": "one", "plans": 1}) == "One plan will do"


def test_a_period_is_written_as_days_or_weeks():
    assert period("2017-01-02 to 2017-12-31") == "2 Jan 2017 to 31 Dec 2017"
    assert period("2017-01-02 to 2017-01-02") == "2 Jan 2017"
    assert period("1 to 53") == "weeks 1 to 53"
    assert period("7 to 7") == "week 7"
