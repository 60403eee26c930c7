"""What the running core holds, in place: its work RAM and its last picture.

stable-retro copies both whenever one asks, and looks each variable up by its name. Beside a frame
of 300 us that is little, and yet most of what a run added to the bare emulator. Whoever reads in
place must be sure of the place: nothing is used here that was not first changed there, and seen to
change through stable-retro.
"""
