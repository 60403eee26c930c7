"""The presets of ``[Fitness]``: what others scored games by, as keys of this program.

Each says where its rule comes from, and where it departs from it.
"""

from __future__ import annotations

from collections.abc import Mapping

# Super Mario Bros.: where the screen is, in pixels (stable-retro's own variables). It scrolls with
# the player and never back.
_SMB_SCREEN = "256 * xscrollHi + xscrollLo"
# The next level begins: the flag was reached, or the end of a castle. World and level start anew in
# no other way while one life lasts.
_SMB_WON = "levelLo > start.levelLo or levelHi > start.levelHi"
# In the first frames of a level screen_x_end holds what was in memory before, 0 among other things:
# no win without some way behind the player.
_SONIC_WAY = 1000
# The player's own x at the sign is that of the screen plus half its width of 320: in Emerald Hill 1
# screen_x_end is 10,656 and the contest's table of ends says 10,816 (0x2A40).
_SONIC_HALF_SCREEN = 160
# 4,500 decisions of four frames: five minutes at 60 frames per second.
_CONTEST_FRAMES = 18000

FITNESS_PRESETS: Mapping[str, Mapping[str, str]] = {
    # The way to the right counts, and no way forward ends the game, as in the tutorials that joined
    # gym-retro and neat-python (github.com/andruschak/openai-gym-retro, 2021). Time costs a little,
    # so that of two that come equally far the faster one wins. At the end of a level the screen
    # stands still, but the time left becomes score.
    "mario": {
        "terms": f"progress: new_max {_SMB_SCREEN} x 1.0\ntime: per_frame x -0.05",
        "won": _SMB_WON,
        "won_bonus": "1000",
        "died": "fell(lives)",
        "use_scenario_done": "false",
        "stall_expression": f"{_SMB_SCREEN} + score",
        "stall_frames": "150",
        "max_frames": "5000",
    },
    # MarI/O (SethBling 2015, pastebin.com/ZZmSNaHX): rightmost - frames / 2, 1,000 more past the
    # end, over after 20 frames and a quarter of the frames played without a new rightmost. It knows
    # no death: who is dead stands still. Departures: stable-retro's variables hold the screen's
    # place instead of the player's, and it waits until the player is in its middle: the first 100
    # frames are progress by themselves. The end is the next level instead of x = 3,186 (the flag of
    # 1-1); so that the count of the time left does not pass for standing still, score is progress.
    "mario-io": {
        "terms": f"rightmost: new_max {_SMB_SCREEN} x 1.0\ntime: per_frame x -0.5",
        "won": _SMB_WON,
        "won_bonus": "1000",
        "use_scenario_done": "false",
        "stall_expression": f"{_SMB_SCREEN} + score + min(frames, 100)",
        "stall_frames": "20",
        "stall_growth": "0.25",
        "max_frames": "18000",
    },
    # Sonic 1, 2 and 3 as in the same tutorial: the screen's way to the right, 100,000 for its end,
    # over when a while brought nothing new. Sonic rocking to and fro before an obstacle is what it
    # tells of its failures; that is an ending here.
    "sonic": {
        "terms": "progress: new_max screen_x x 1.0",
        "won": f"screen_x >= screen_x_end and screen_x > start.screen_x + {_SONIC_WAY}",
        "won_bonus": "100000",
        "died": "fell(lives)",
        "use_scenario_done": "false",
        "stall_expression": "screen_x",
        "stall_frames": "600",
        "rocking_turns": "24",
        "max_frames": "18000",
    },
    # OpenAI's Retro Contest (Nichol et al. 2018, "Gotta Learn Fast", on reward and episodes; and
    # contest_reward in script.lua of stable-retro's Sonic games): 9,000 for the share of the way
    # from the start to the level's end, up to 1,000 for reaching it early, a life, five minutes.
    # Departures: the end is screen_x_end instead of a table; special stages do not end it. The
    # contest's own Lua runs with scenario = contest and use_scenario_reward = true.
    "contest": {
        "terms": (
            "way: value min(max((x - start.x) / "
            f"(screen_x_end + {_SONIC_HALF_SCREEN} - start.x), 0), 1) x 9000\n"
            f"speed: on_win max(1 - frames / {_CONTEST_FRAMES}, 0) x 1000"
        ),
        "won": f"x >= screen_x_end + {_SONIC_HALF_SCREEN} and x > start.x + {_SONIC_WAY}",
        "died": "fell(lives)",
        "use_scenario_done": "false",
        "stall_frames": "none",
        "max_frames": str(_CONTEST_FRAMES),
    },
}
"""Texts by name of the preset and key, as they would stand in a file."""

ABOUT_FITNESS_PRESETS: Mapping[str, str] = {
    "mario": "Super Mario Bros. on the NES: the way of the screen, a little for speed.",
    "mario-io": "Super Mario Bros. scored as MarI/O did, with its growing time-out.",
    "sonic": "Sonic 1, 2 and 3 on the Genesis: the way of the screen, 100,000 for the end.",
    "contest": (
        "Sonic 1, 2 and 3 scored as in OpenAI's Retro Contest: 9,000 for the way, 1,000 for speed."
    ),
}
"""One sentence per preset, for the reference page."""
