"""What is counted in the cache."""

from lifecycle.counts import count


def test_each_matter_has_a_count_of_its_own():
    assert [count("tries", about, seconds=60) for about in ("counts/a", "counts/b", "counts/a", "counts/a")] == [1, 1, 2, 3]
    assert count("told", "counts/a", seconds=60) == 1


def test_what_the_cache_lets_go_of_is_counted_from_one():
    assert [count("tries", "counts/gone", seconds=0) for _ in range(2)] == [1, 1]
