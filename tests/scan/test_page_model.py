"""A map from page to image answers for any number of places."""

from __future__ import annotations

import numpy as np

from toolkit.scan.page_model import PageModel


def test_no_places_lie_nowhere_also_with_a_field() -> None:
    model = PageModel(np.diag([0.02, 0.02, 1.0]), 60000, 84000)
    page = np.array([(x, y) for x in range(5000, 60000, 10000) for y in range(5000, 84000, 10000)], np.float64)
    model.fit_field(page, model(page) + 1.5, np.ones((len(page), 2)), 20000)
    assert np.allclose(model(page), page * 0.02 + 1.5, atol=0.3)
    assert model(np.empty((0, 2))).shape == (0, 2)
