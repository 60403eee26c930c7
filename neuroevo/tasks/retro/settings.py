"""Settings of the retro task: game, observation, buttons, fitness, endings.

Frozen dataclasses; ``config.py`` fills them from ``[Retro] [Observation] [Buttons] [Fitness]``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CodeRanges = tuple[tuple[int, int], ...]
"""Codes or addresses: (first, last) of each range, both included."""


@dataclass(frozen=True, slots=True)
class ObservationSettings:
    """``[Observation]``: what a network sees of the game.

    Attributes:
        source: what is seen, one after the other: ``grey`` or ``rgb`` (the screen as a small
            picture, row by row; rgb is three of them, red, green, blue), ``tiles`` (the tiles
            around the player, from work RAM, row by row: solid 1, enemy and hazard -1, air 0),
            ``variables``, ``timer`` (frames played by most frames), ``last_action`` (1 for each
            button pressed in the last decision) and ``ram``.
        noise: every decision gets as many uniform random numbers instead, a control: what is
            learned all the same is learned without seeing.
        scale: pixels: the screen's height and width are divided by it (8: 224 x 320 becomes
            28 x 40).
        height: pixels: rows of the picture; None derives them from ``scale``.
        width: pixels: columns of the picture; None derives them from ``scale``.
        crop: pixels: (x, y, width, height) of the part of the screen that is seen, a size of 0
            reaches to the edge; () is all of it, None what the game's scenario says.
        range: pixels: ``unit`` (0 to 1), ``signed`` (-1 to 1) or ``raw`` (0 to 255).
        stack: pixels: the last so many pictures, the oldest first, one per decision; at the start
            of an episode all are its first one.
        max_of_two: pixels: each is the brighter one of the last two frames, colour by colour, for
            games that show some things on every other frame only.
        difference: pixels: one more picture, the newest minus the one before: -1 to 1, or -255 to
            255 if raw.
        shrink: grey: ``area`` (exact averages) or ``seed2021`` (the seed's own steps, height and
            width exchanged; see :mod:`neuroevo.tasks.retro.observation.seed2021`).
        layout: tiles: the map of RAM, ``smb`` (Super Mario Bros.) or ``smw`` (Super Mario World).
        radius: tiles: how many are seen on each side of the player's (6: 13 x 13).
        solid_tiles: tiles: codes to stand on and to bump into; None takes those of the layout.
        hazard_tiles: tiles: codes that hurt; they prevail over ``solid_tiles``.
        platform_kinds: tiles: kinds of objects that carry the player; all others are enemies;
            None takes those of the layout.
        variables: expressions over the game's variables, one input each.
        ram: addresses of bytes, as in data.json, (first, last) of each range; one input each, 0
            to 1.
    """

    source: tuple[str, ...] = ("grey",)
    noise: bool = False
    scale: int = 8
    height: int | None = None
    width: int | None = None
    crop: tuple[int, ...] | None = None
    range: str = "unit"
    stack: int = 1
    max_of_two: bool = False
    difference: bool = False
    shrink: str = "area"
    layout: str = "smb"
    radius: int = 6
    solid_tiles: CodeRanges | None = None
    hazard_tiles: CodeRanges = ()
    platform_kinds: CodeRanges | None = None
    variables: tuple[str, ...] = ()
    ram: CodeRanges = ()


@dataclass(frozen=True, slots=True)
class ButtonSettings:
    """``[Buttons]``: what the outputs press.

    Attributes:
        mode: ``threshold`` (one output per button, pressed above ``threshold``), ``saturated`` (one
            output per button, pressed from 1.0 on, as ``int(output)`` does), ``combos`` (one
            output per combination, the highest is pressed) or ``groups`` (the same in each group
            of combinations; what wins in each is pressed together).
        threshold: threshold mode: one for all outputs, or one per output.
        buttons: threshold and saturated mode: which buttons have an output; () takes every button
            of the console but START, SELECT, MODE and RESET.
        outputs: ``buttons`` (one output per entry of ``buttons``) or ``console`` (one output per
            button of the console in its own order, 12 on the Genesis; those that must never be
            pressed are ignored), so that genomes of the seed's shape fit.
        combos: combos mode: e.g. ``(("LEFT",), ("RIGHT", "B"), ())``; () is no button.
        groups: groups mode: each a tuple like ``combos``; the outputs are those of the first group,
            then those of the second, and so on.
        autofire: buttons released for the second half of every decision, so that a held output
            gives one press per decision.
    """

    mode: str = "threshold"
    threshold: tuple[float, ...] = (0.5,)
    buttons: tuple[str, ...] = ()
    outputs: str = "buttons"
    combos: tuple[tuple[str, ...], ...] = ()
    groups: tuple[tuple[tuple[str, ...], ...], ...] = ()
    autofire: tuple[str, ...] = ()


WITHOUT_EXPRESSION = ("per_frame", "on_win", "on_death")
"""Kinds of terms that may stand alone; their expression is 1 then."""


@dataclass(frozen=True, slots=True)
class FitnessTerm:
    """One term: ``weight`` times what ``kind`` measures of ``expression``.

    Attributes:
        label: name in metrics and reports.
        kind: ``new_max`` (rise of the maximum above its start), ``gain`` (sum of increases),
            ``loss`` (sum of decreases, positive), ``value`` (at the end), ``change`` (end minus
            start), ``per_frame`` (expression summed over frames), ``milestones`` (whole numbers
            reached above the start), ``on_win`` (at the win, else 0), ``on_death`` (at the death,
            else 0).
        expression: arithmetic over the variables of data.json; empty is 1 for the kinds
            :data:`WITHOUT_EXPRESSION`, and refused for the others.
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
        died: condition that ends it as died; ``start.lives`` is the value at the start,
            ``fell(lives)`` tells that it is lower than a frame ago.
        won_bonus: added to the fitness when won.
        unwrap: counters that start anew, with the number of their values, such as
            ``(("hpos", 256),)``; all expressions here see them going on.
        max_jump: a change by more within one frame is a jump (a pipe, a respawn) and no progress
            for ``new_max`` terms and the ``stall_expression``; None never.
        stall_expression: the quantity whose new maximum counts as progress; '' takes the sum of
            the fitness terms.
        stall_frames: the episode ends as stalled after so many frames without a new maximum;
            None never.
        stall_growth: with each frame played, so much of a frame is added to ``stall_frames``.
        rocking_turns: the episode ends as rocking when the ``stall_expression`` has changed its
            direction so often since its last new maximum; None never.
        max_frames: the episode ends after so many frames.
    """

    terms: tuple[FitnessTerm, ...] = ()
    use_scenario_reward: bool = False
    use_scenario_done: bool = True
    won: str = ""
    died: str = ""
    won_bonus: float = 0.0
    unwrap: tuple[tuple[str, int], ...] = ()
    max_jump: float | None = None
    stall_expression: str = ""
    stall_frames: int | None = 600
    stall_growth: float = 0.0
    rocking_turns: int | None = None
    max_frames: int = 4500


@dataclass(frozen=True, slots=True)
class RetroSettings:
    """``[Retro]`` and the three sections above.

    Attributes:
        game: with or without the version suffix, e.g. ``Airstriker-Genesis``.
        states: names of save states, played one after the other; () takes the game's default
            state, ``("all",)`` every state of the game that is there to train on
            (:func:`~neuroevo.tasks.retro.starts.states_of_all`).
        heldout_states: states that are never trained on; every ``heldout_every`` generations the
            champion plays them.
        heldout_every: generations from one such test to the next.
        episodes: played from each state; more than one needs starts or play that differ.
        combine: the fitness of a genome is the ``mean``, ``min`` or ``median`` of its episodes'.
        curriculum: (wins, of so many generations): the population plays one state at a time, and
            goes on to the next once the champions of so many of the last generations have won; None
            plays all states in every generation.
        scenario: scenario.json by name or absolute path; '' takes the default.
        integrations: extra folders with games (absolute, or relative to the settings file).
        frame_skip: frames per decision.
        noops: every episode starts with 0 to this many idle frames, seeded.
        same_starts: all genomes of a generation get the same idle frames.
        sticky_prob: with this probability the first frame of a decision still holds the buttons of
            the one before (Machado et al. 2018, section 5.2), seeded.
        allow_scripts: run Lua of a scenario that lies outside the installed stable-retro.
    """

    game: str
    states: tuple[str, ...] = ()
    heldout_states: tuple[str, ...] = ()
    heldout_every: int = 10
    episodes: int = 1
    combine: str = "mean"
    curriculum: tuple[int, int] | None = None
    scenario: str = ""
    integrations: tuple[str, ...] = ()
    frame_skip: int = 4
    noops: int = 0
    same_starts: bool = True
    sticky_prob: float = 0.0
    allow_scripts: bool = False
    observation: ObservationSettings = field(default_factory=ObservationSettings)
    buttons: ButtonSettings = field(default_factory=ButtonSettings)
    fitness: FitnessSettings = field(default_factory=FitnessSettings)
