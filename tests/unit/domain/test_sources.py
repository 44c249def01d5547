from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import MAX_SOURCE_LENGTH, MAX_STANDARDS, Alert, Source
from alert_responder.domain.sources import MAX_SOURCES, sources_of, united

WORDS = st.sampled_from([f"w{number:02}" for number in range(40)])
SOURCES = st.builds(Source, product=WORDS, region=st.none() | WORDS, standards=st.lists(WORDS, max_size=30).map(tuple))


def test_each_product_and_region_is_listed_once_with_all_standards() -> None:
    found = united(
        [
            Source(product="securityhub", region="eu-central-1", standards=("nist",)),
            Source(product="securityhub", region="eu-central-1", standards=("cis",)),
            Source(product="securityhub", region="us-east-1"),
            Source(product="guardduty", region="eu-central-1"),
            Source(product="guardduty"),
        ]
    )

    assert [(each.product, each.region, each.standards) for each in found] == [
        ("guardduty", None, ()),
        ("guardduty", "eu-central-1", ()),
        ("securityhub", "eu-central-1", ("cis", "nist")),
        ("securityhub", "us-east-1", ()),
    ]


@given(st.lists(SOURCES, max_size=60), st.randoms(use_true_random=False), st.integers(1, 10))
def test_merging_sources_is_associative_and_commutative(sources: Sequence[Source], random: object, size: int) -> None:
    shuffled = list(sources)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    groups = [united(shuffled[start : start + size]) for start in range(0, len(shuffled), size)]

    together = united(source for group in groups for source in group)

    assert together == united(sources)
    assert len(together) <= MAX_SOURCES
    assert all(len(each.standards) <= MAX_STANDARDS for each in together)


def test_the_default_source_is_the_detector() -> None:
    named = Alert(detector="edr", rule_id="r", source=Source(product="siem"))
    assert sources_of([Alert(detector="edr", rule_id="r"), named, named]) == (
        Source(product="edr"),
        Source(product="siem"),
    )


def test_a_string_is_the_product_of_a_source() -> None:
    assert Alert.model_validate({"detector": "d", "rule_id": "r", "source": "edr"}).source == Source(product="edr")
    for nothing in (None, "", "  "):
        assert Alert.model_validate({"detector": "d", "rule_id": "r", "source": nothing}).source is None


def test_texts_of_sources_are_limited() -> None:
    source = Source.model_validate({"product": "p" * 999, "region": "", "standards": ["s" * 999, ""]})

    assert (len(source.product), source.region, [len(each) for each in source.standards]) == (
        MAX_SOURCE_LENGTH,
        None,
        [MAX_SOURCE_LENGTH],
    )
