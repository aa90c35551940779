"""Labels are spread and placed so that none lies on another."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from maintain import legible
from matplotlib.figure import Figure

from dxanalysis.briefing import frame, theme
from dxanalysis.briefing.place import Tag, place, spread


def test_labels_that_do_not_touch_stay_where_they_are():
    assert spread([1.0, 5.0, 9.0], [2.0, 2.0, 2.0], 0.0, 10.0) == [1.0, 5.0, 9.0]


def test_labels_on_one_point_share_the_displacement():
    assert spread([5.0, 5.0], [2.0, 2.0], 0.0, 10.0) == [4.0, 6.0]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12))
def test_spread_labels_never_overlap_keep_their_order_and_stay_inside(positions):
    sizes = [7.0] * len(positions)
    found = spread(positions, sizes, 0.0, 100.0)
    order = sorted(range(len(positions)), key=lambda at: positions[at])
    along = [found[at] for at in order]
    assert all(b - a >= 7.0 - 1e-9 for a, b in pairwise(along))
    assert min(found) >= 3.5 - 1e-9
    assert max(found) <= 96.5 + 1e-9


def test_more_labels_than_room_are_laid_out_evenly():
    assert spread([5.0] * 4, [5.0] * 4, 0.0, 10.0) == [1.25, 3.75, 6.25, 8.75]


def axes():
    with theme.settings():
        return frame.page("slide", "Tiêu đề", "", "").axes()


def test_thirty_four_names_on_one_spot_do_not_overlap():
    drawn = axes()
    tags = [Tag(f"Tỉnh {n}", 0.5, 0.5, "#000000") for n in range(34)]
    place(drawn, tags, 8.0)
    assert [line for line in legible.problems(drawn.figure) if "Tỉnh" in line] == []


def test_a_label_without_room_is_left_out_and_returned():
    drawn = axes()
    tags = [Tag(f"chữ rất dài để không đủ chỗ {n}", 0.5, 0.5, "#000000", must=False) for n in range(40)]
    left_out = place(drawn, tags, 14.0)
    assert left_out
    assert len(drawn.texts) + len(left_out) == 40


def test_a_label_keeps_off_a_line_where_it_can():
    drawn = axes()
    line = np.array([[0.0, 0.5], [1.0, 0.5]])
    place(drawn, [Tag("nhãn", 0.5, 0.5, "#000000", first=(0,))], 9.0, [line])
    assert abs(drawn.texts[0].get_position()[1] - 0.5) > 0.01


def test_overlap_and_clipping_are_seen():
    page = Figure(figsize=(3, 2))
    page.text(0.4, 0.5, "một")
    page.text(0.42, 0.5, "hai")
    page.text(0.95, 0.1, "ra ngoài trang")
    assert legible.problems(page) == ["'ra ngoài trang' is cut off", "'một' lies on 'hai'"]


def test_a_word_longer_than_a_line_is_broken_and_not_cut():
    figure = axes().figure
    lines = frame.wrap(figure, "https://example.org/" + "a" * 200, 3.0, 10.0)
    assert "".join(line.removesuffix("-") for line in lines) == "https://example.org/" + "a" * 200
    assert all(frame.text_width(figure, line, 10.0) <= 3.0 for line in lines)


def test_a_text_with_too_many_lines_ends_in_an_ellipsis():
    figure = axes().figure
    lines = frame.wrap(figure, "mục tiêu " * 60, 3.0, 10.0, lines=2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
