"""People at the pad: play, record, replay."""
