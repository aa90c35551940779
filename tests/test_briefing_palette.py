"""Colours hold for who sees them otherwise: colour-blind, in grey, beside each other and on paper."""

import itertools

import numpy as np
import pytest

from dxanalysis.briefing import theme

# Machado, Oliveira and Fernandes (2009), severity 1.0, in linear light.
SEEN_BY = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour):
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(light):
    x, y, z = (XYZ @ np.clip(light, 0, 1)) / np.array([0.9505, 1.0, 1.089])
    f = [v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one, other, matrix):
    return float(np.linalg.norm(lab(np.array(matrix) @ linear(one)) - lab(np.array(matrix) @ linear(other))))


@pytest.mark.parametrize("sight", SEEN_BY)
def test_observed_target_and_required_pace_are_told_apart_by_every_sight(sight):
    for one, other in itertools.combinations((theme.OBSERVED, theme.TARGET, theme.REQUIRED), 2):
        assert difference(one, other, SEEN_BY[sight]) > 10, (one, other)


def test_the_measure_itself_tells_red_and_green_of_one_lightness_apart_only_for_some():
    red, green = "#C04040", "#5A7A20"
    plain = np.eye(3)
    assert difference(red, green, plain) > 60
    assert difference(red, green, SEEN_BY["deuteranopia"]) < difference(red, green, plain) / 2


def test_what_colour_cannot_tell_a_marker_or_a_dash_does():
    assert len(set(theme.MARKERS)) >= len(theme.SERIES)


@pytest.mark.parametrize("name", ["SERIES", "OBSERVED", "TARGET", "REQUIRED", "SECOND", "MEDIAN", "INK", "MUTED"])
def test_every_line_stands_out_from_the_paper_by_three_to_one(name):
    colours = getattr(theme, name)
    for colour in [colours] if isinstance(colours, str) else colours:
        assert theme.contrast(colour) >= 3.0, colour


def test_a_ramp_gets_darker_step_by_step_in_grey():
    light = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(linear, theme.RAMP)]
    assert all(one > other * 1.12 for one, other in itertools.pairwise(light))


def test_statuses_in_grey_are_told_by_symbol():
    assert len({symbol for symbol, _, _ in theme.STEPS.values()}) == len(theme.STEPS)
