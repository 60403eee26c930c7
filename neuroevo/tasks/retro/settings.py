"""Settings of the retro task: game, observation, buttons, fitness, endings.

Frozen dataclasses; ``config.py`` fills them from ``[Retro] [Observation] [Buttons] [Fitness]``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CodeRanges = tuple[tuple[int, int], ...]
"""Codes of one byte: (first, last) of each range, both included."""


@dataclass(frozen=True, slots=True)
class ObservationSettings:
    """``[Observation]``: what a network sees of the game.

    Attributes:
        source: ``grey`` (the screen as a small grey picture, flattened row by row, 0 to 1) or
            ``tiles`` (the tiles around the player, from work RAM, row by row: solid 1, enemy and
            hazard -1, air 0).
        noise: every decision gets as many uniform random numbers instead, a control: what is
            learned all the same is learned without seeing.
        scale: grey: the screen's height and width are divided by it (8: 224 x 320 becomes
            28 x 40).
        height: grey: rows of the picture; None derives them from ``scale``.
        width: grey: columns of the picture; None derives them from ``scale``.
        radius: tiles: how many are seen on each side of the player's (6: 13 x 13).
        solid_tiles: tiles: codes to stand on and to bump into.
        hazard_tiles: tiles: codes that hurt; they prevail over ``solid_tiles``.
        platform_kinds: tiles: kinds of objects that carry the player; all others are enemies.
    """

    source: str = "grey"
    noise: bool = False
    scale: int = 8
    height: int | None = None
    width: int | None = None
    radius: int = 6
    solid_tiles: CodeRanges = ((1, 255),)
    hazard_tiles: CodeRanges = ()
    platform_kinds: CodeRanges = ((0x24, 0x2C),)


@dataclass(frozen=True, slots=True)
class ButtonSettings:
    """``[Buttons]``: what the outputs press.

    Attributes:
        mode: ``threshold`` (one output per button, pressed above ``threshold``) or ``combos``
            (one output per combination, the highest is pressed).
        buttons: threshold mode: which buttons have an output; () takes every button of the
            console but START, SELECT, MODE and RESET.
        outputs: ``buttons`` (one output per entry of ``buttons``) or ``console`` (one output per
            button of the console in its own order, 12 on the Genesis; those that must never be
            pressed are ignored), so that genomes of the seed's shape fit.
        combos: combos mode: e.g. ``(("LEFT",), ("RIGHT", "B"), ())``; () is no button.
        autofire: buttons released for the second half of every decision, so that a held output
            gives one press per decision.
    """

    mode: str = "threshold"
    threshold: float = 0.5
    buttons: tuple[str, ...] = ()
    outputs: str = "buttons"
    combos: tuple[tuple[str, ...], ...] = ()
    autofire: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FitnessTerm:
    """One term: ``weight`` times what ``kind`` measures of ``expression``.

    Attributes:
        label: name in metrics and reports.
        kind: ``new_max`` (rise of the maximum above its start), ``gain`` (sum of increases),
            ``loss`` (sum of decreases, positive), ``value`` (at the end), ``change`` (end minus
            start), ``per_frame`` (expression summed over frames).
        expression: arithmetic over the variables of data.json; empty for ``per_frame``'s 1.
    """

    label: str
    kind: str
    expression: str
    weight: float


@dataclass(frozen=True, slots=True)
class FitnessSettings:
    """``[Fitness]``: terms, or the scenario's own reward; and when an episode ends.

    Attributes:
        terms: summed; () with ``use_scenario_reward`` False is refused.
        use_scenario_reward: add the reward of scenario.json, every frame.
        use_scenario_done: end an episode when scenario.json says done.
        won: condition that ends the episode as won, '' never; e.g. ``gameover == 4``.
        died: condition that ends it as died; ``start.lives`` is the value at the start.
        won_bonus: added to the fitness when won.
        stall_expression: the quantity whose new maximum counts as progress; '' takes the sum of
            the fitness terms.
        stall_frames: the episode ends as stalled after so many frames without a new maximum;
            None never.
        max_frames: the episode ends after so many frames.
    """

    terms: tuple[FitnessTerm, ...] = ()
    use_scenario_reward: bool = False
    use_scenario_done: bool = True
    won: str = ""
    died: str = ""
    won_bonus: float = 0.0
    stall_expression: str = ""
    stall_frames: int | None = 600
    max_frames: int = 4500


@dataclass(frozen=True, slots=True)
class RetroSettings:
    """``[Retro]`` and the three sections above.

    Attributes:
        game: with or without the version suffix, e.g. ``Airstriker-Genesis``.
        states: names of save states, one episode each; () takes the game's default state.
        scenario: scenario.json by name or absolute path; '' takes the default.
        integrations: extra folders with games (absolute, or relative to the settings file).
        frame_skip: frames per decision.
        noops: every episode starts with 0 to this many idle frames, seeded.
        same_starts: all genomes of a generation get the same idle frames.
        allow_scripts: run Lua of a scenario that lies outside the installed stable-retro.
    """

    game: str
    states: tuple[str, ...] = ()
    scenario: str = ""
    integrations: tuple[str, ...] = ()
    frame_skip: int = 4
    noops: int = 0
    same_starts: bool = True
    allow_scripts: bool = False
    observation: ObservationSettings = field(default_factory=ObservationSettings)
    buttons: ButtonSettings = field(default_factory=ButtonSettings)
    fitness: FitnessSettings = field(default_factory=FitnessSettings)
