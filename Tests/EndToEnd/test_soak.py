"""A minute of what `make soak` does for half an hour (WEIR_SOAK_SECONDS for another length)."""

import os

from support.soak import Soak

SECONDS = float(os.environ.get("WEIR_SOAK_SECONDS", "60"))


def test_steady_load_with_random_faults_grows_hangs_and_loses_nothing():
    soak = Soak(SECONDS).run()
    print(soak.summary())
    assert soak.problems == []
    assert soak.requests > SECONDS * 10 and soak.attempts > soak.requests
    # Three fourths of the faults are invisible: a first attempt at two targets, and reset, refused or silent.
    good = soak.seen[(200, "whole")]
    assert good > 0.95 * soak.requests, soak.seen
